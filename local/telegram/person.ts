import { type Chat, type ChatFile, type ChatMessage, type NewMessage, newAlbumId, newFileId } from './chat.ts';
import { fileKindOf } from './file-kind.ts';
import type { WebhookSender } from './webhook.ts';

/** Telegram's apps split more files into several albums. */
const maxAlbumFiles = 10;

export interface OutgoingFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** Who speaks in a chat. https://core.telegram.org/bots/api#message */
export interface Speaker {
  readonly from: { readonly id: number; readonly is_bot: boolean; readonly first_name: string };
  /** Set when a chat speaks, such as the group itself for an anonymous administrator. */
  readonly sender_chat?: object;
}

/** Somebody in a chat: each message they send becomes an update for the bot's webhook. */
export class Person {
  readonly #chat: Chat;
  readonly #webhook: WebhookSender;
  readonly #speaker: Speaker;

  constructor(chat: Chat, webhook: WebhookSender, speaker: Speaker) {
    this.#speaker = speaker;
    this.#chat = chat;
    this.#webhook = webhook;
  }

  sendText(text: string): ChatMessage {
    return this.#send({ from: 'user', text });
  }

  async sendFile(name: string, mimeType: string, bytes: Uint8Array): Promise<ChatMessage> {
    const [message] = await this.sendFiles([{ name, mimeType, bytes }]);
    return message!;
  }

  /**
   * Sends files as Telegram's apps do: a JPEG or PNG within the limits for photos as a photo, a moving GIF as an animation, everything else
   * as a document.
   * Several files of one kind are an album: a message for each, with the caption in the first.
   */
  async sendFiles(outgoing: readonly OutgoingFile[], caption?: string): Promise<readonly ChatMessage[]> {
    const files = await Promise.all(outgoing.map(chatFile));
    const messages: ChatMessage[] = [];
    for (const kind of ['photo', 'animation', 'document'] as const) {
      const ofKind = files.filter((file) => file.kind === kind);
      // Animations are not grouped.
      const albumFiles = kind === 'animation' ? 1 : maxAlbumFiles;
      for (let start = 0; start < ofKind.length; start += albumFiles) {
        const album = ofKind.slice(start, start + albumFiles);
        const albumId = album.length > 1 ? { albumId: newAlbumId() } : {};
        for (const file of album) {
          const text = messages.length === 0 && caption ? { text: caption } : {};
          messages.push(this.#send({ from: 'user', file, ...albumId, ...text }));
        }
      }
    }
    return messages;
  }

  #send(content: NewMessage): ChatMessage {
    const message = this.#chat.add(content);
    this.#webhook.deliver({ message: updateMessage(message, this.#chat, this.#speaker) });
    return message;
  }
}

async function chatFile({ name, mimeType, bytes }: OutgoingFile): Promise<ChatFile> {
  return { id: newFileId(), name, mimeType, bytes, ...(await fileKindOf(bytes)) };
}

/** https://core.telegram.org/bots/api#message */
function updateMessage(message: ChatMessage, chat: Chat, speaker: Speaker): object {
  const { file, text, albumId } = message;
  return {
    message_id: message.id,
    date: Math.floor(Date.parse(message.sentAt) / 1000),
    ...speaker,
    chat: chat.description,
    ...(albumId === undefined ? {} : { media_group_id: albumId }),
    ...(file === undefined ? {} : { ...fileField(file), ...(text === undefined ? {} : { caption: text }) }),
    ...(file === undefined && text !== undefined ? { text, ...commandEntity(text) } : {}),
  };
}

/** Marks a command such as /help at the beginning of a text. */
function commandEntity(text: string): object {
  const command = /^\/\w+(?:@\w+)?/.exec(text)?.[0];
  return command ? { entities: [{ type: 'bot_command', offset: 0, length: command.length }] } : {};
}

function fileField(file: ChatFile): object {
  const common = { file_id: file.id, file_unique_id: file.id.slice(-12), file_size: file.bytes.length };
  if (file.kind === 'photo') return { photo: [{ ...common, width: file.width, height: file.height }] };
  if (file.kind === 'document') return { document: { ...common, file_name: file.name, mime_type: file.mimeType } };
  const film = { ...common, file_name: `${file.name}.mp4`, mime_type: 'video/mp4' };
  // An animation is a document, too, for bots that do not know animations. https://core.telegram.org/bots/api#message
  return { animation: { ...film, width: 320, height: 240, duration: 1 }, document: film };
}
