import { type Chat, type ChatFile, type ChatMessage, newAlbumId, newFileId } from './chat.ts';
import { photoSize } from './photo-size.ts';
import type { WebhookSender } from './webhook.ts';

/** Telegram's apps put so many files into one album. */
const maxAlbumFiles = 10;

export interface PickedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** The person in the chat: what they send becomes a message and an update for the bot's webhook. */
export class Person {
  private readonly chat: Chat;
  private readonly webhook: WebhookSender;

  constructor(chat: Chat, webhook: WebhookSender) {
    this.chat = chat;
    this.webhook = webhook;
  }

  sendText(text: string): ChatMessage {
    return this.send({ from: 'user', text });
  }

  async sendFile(name: string, mimeType: string, bytes: Uint8Array): Promise<ChatMessage> {
    const [message] = await this.sendFiles([{ name, mimeType, bytes }]);
    return message!;
  }

  /**
   * A JPEG or PNG within Telegram's photo limits goes as a photo, anything else as a document, as Telegram's apps do.
   * Several of a kind are an album: a message for each, the caption under the first.
   */
  async sendFiles(picked: readonly PickedFile[], caption?: string): Promise<readonly ChatMessage[]> {
    const files = await Promise.all(picked.map(chatFile));
    const messages: ChatMessage[] = [];
    for (const kind of ['photo', 'document'] as const) {
      const alike = files.filter((file) => file.kind === kind);
      for (let start = 0; start < alike.length; start += maxAlbumFiles) {
        const album = alike.slice(start, start + maxAlbumFiles);
        const together = album.length > 1 ? { albumId: newAlbumId() } : {};
        for (const file of album) {
          const text = messages.length === 0 && caption ? { text: caption } : {};
          messages.push(this.send({ from: 'user', file, ...together, ...text }));
        }
      }
    }
    return messages;
  }

  private send(content: Omit<ChatMessage, 'id' | 'sentAt'>): ChatMessage {
    const message = this.chat.add(content);
    this.webhook.deliver({ message: updateMessage(message, this.chat.personId) });
    return message;
  }
}

async function chatFile({ name, mimeType, bytes }: PickedFile): Promise<ChatFile> {
  const size = await photoSize(bytes);
  return { id: newFileId(), name, mimeType, bytes, kind: size ? 'photo' : 'document', ...size };
}

/** A Message object of the Bot API. */
function updateMessage(message: ChatMessage, personId: number): object {
  const { file, text, albumId } = message;
  return {
    message_id: message.id,
    date: Math.floor(Date.parse(message.sentAt) / 1000),
    from: { id: personId, is_bot: false, first_name: 'You' },
    chat: { id: personId, type: 'private', first_name: 'You' },
    ...(albumId === undefined ? {} : { media_group_id: albumId }),
    ...(file === undefined ? {} : { ...fileField(file), ...(text === undefined ? {} : { caption: text }) }),
    ...(file === undefined && text !== undefined ? { text, ...commandEntity(text) } : {}),
  };
}

function commandEntity(text: string): object {
  const command = /^\/\w+/.exec(text)?.[0];
  return command ? { entities: [{ type: 'bot_command', offset: 0, length: command.length }] } : {};
}

function fileField(file: ChatFile): object {
  const common = { file_id: file.id, file_unique_id: file.id.slice(-12), file_size: file.bytes.length };
  if (file.kind === 'photo') return { photo: [{ ...common, width: file.width, height: file.height }] };
  return { document: { ...common, file_name: file.name, mime_type: file.mimeType } };
}
