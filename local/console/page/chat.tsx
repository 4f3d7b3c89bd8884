import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChatLine, ChatSummary } from '../snapshot.ts';
import { ClipIcon, LensIcon } from './icons.tsx';

interface ChatPanelProps {
  readonly chat: ChatSummary;
  readonly samples: readonly string[];
  readonly ready: boolean;
}

export function ChatPanel({ chat, samples, ready }: ChatPanelProps) {
  const over = useSignal(false);
  const end = useRef<HTMLDivElement>(null);
  const count = chat.messages.length;
  const showEnd = () => end.current?.scrollIntoView({ block: 'end' });
  useEffect(showEnd, [count, chat.action]);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    over.value = false;
    sendFiles(event.dataTransfer?.files ?? []);
  };
  return (
    <section
      class={over.value ? 'chat over' : 'chat'}
      aria-label="Chat with the bot"
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={drop}
    >
      <h2>
        <span class="avatar">
          <LensIcon />
        </span>
        <span>
          stepkube_bot
          <small>{ready ? 'online' : 'waiting for its pods'}</small>
        </span>
      </h2>
      <div class="messages" role="log">
        {count === 0 && <Welcome samples={samples} ready={ready} />}
        {chat.messages.map((message) => (
          <Message key={message.id} message={message} onPicture={showEnd} />
        ))}
        {chat.action && <p class="action">{actionText(chat.action)}</p>}
        <div ref={end} />
      </div>
      <Composer />
    </section>
  );
}

function Welcome({ samples, ready }: { readonly samples: readonly string[]; readonly ready: boolean }) {
  return (
    <div class="welcome">
      <p>
        {ready
          ? 'Drop a photo here, or try one of these:'
          : 'The bot answers as soon as the cluster is ready. Photos sent now wait.'}
      </p>
      <div class="samples">
        {samples.map((name) => (
          <button
            type="button"
            key={name}
            title={`Send ${name}`}
            onClick={() => post(`/api/samples/${encodeURIComponent(name)}`)}
          >
            <img src={`/api/samples/${encodeURIComponent(name)}`} alt={name} />
          </button>
        ))}
      </div>
    </div>
  );
}

interface MessageProps {
  readonly message: ChatLine;
  /** Called when the picture has loaded, which makes the message taller. */
  readonly onPicture: () => void;
}

function Message({ message, onPicture }: MessageProps) {
  const url = `/api/files/${message.file?.id}`;
  return (
    <article class={`message ${message.from}`} data-message={message.id} data-reply-to={message.replyTo}>
      {message.file?.isPicture && (
        <a href={url} target="_blank" rel="noreferrer">
          <img src={url} alt={message.from === 'bot' ? 'annotated picture' : message.file.name} onLoad={onPicture} />
        </a>
      )}
      {message.file && !message.file.isPicture && <p class="document">{message.file.name}</p>}
      {message.text && <p>{message.text}</p>}
      <time>{new Date(message.sentAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}</time>
    </article>
  );
}

function Composer() {
  const text = useSignal('');
  const picker = useRef<HTMLInputElement>(null);
  const send = (event: Event) => {
    event.preventDefault();
    if (text.value.trim() === '') return;
    post('/api/messages', JSON.stringify({ text: text.value }), { 'content-type': 'application/json' });
    text.value = '';
  };
  return (
    <form class="composer" onSubmit={send}>
      <button type="button" class="attach" aria-label="Attach a photo" onClick={() => picker.current?.click()}>
        <ClipIcon />
      </button>
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        onChange={(event) => {
          sendFiles(event.currentTarget.files ?? [], text.value);
          event.currentTarget.value = '';
          text.value = '';
        }}
      />
      <input
        class="text"
        aria-label="Message"
        placeholder="Write a message or drop a photo"
        value={text}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <button type="submit">Send</button>
    </form>
  );
}

/** Several files become an album; the text becomes its caption. */
function sendFiles(files: Iterable<File>, caption = ''): void {
  const form = new FormData();
  for (const file of files) form.append('file', file);
  form.set('caption', caption.trim());
  post('/api/files', form);
}

async function post(path: string, body?: BodyInit, headers?: Record<string, string>): Promise<void> {
  const response = await fetch(path, { method: 'POST', ...(body ? { body } : {}), ...(headers ? { headers } : {}) });
  if (!response.ok) alert(await response.text());
}

function actionText(action: string): string {
  return action === 'upload_photo' ? 'sending a photo …' : 'typing …';
}
