import sharp from 'sharp';
import { type Chat, type ChatFile, type ChatMessage, newFileId } from './chat.ts';
import type { WebhookSender } from './webhook.ts';

/** Telegram's limits for a message of type photo: 10 MB, sides that sum to at most 10,000 pixels, ratio at most 20. */
const maxPhotoBytes = 10_000_000;
const maxPhotoSides = 10_000;
const maxPhotoRatio = 20;

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

  /** A JPEG or PNG within Telegram's photo limits goes as a photo, anything else as a document, as Telegram's apps do. */
  async sendFile(name: string, mimeType: string, bytes: Uint8Array): Promise<ChatMessage> {
    const size = await photoSize(bytes);
    const file: ChatFile = { id: newFileId(), name, mimeType, bytes, kind: size ? 'photo' : 'document', ...size };
    return this.send({ from: 'user', file });
  }

  private send(content: Pick<ChatMessage, 'from' | 'text' | 'file'>): ChatMessage {
    const message = this.chat.add(content);
    this.webhook.deliver({ message: updateMessage(message, this.chat.personId) });
    return message;
  }
}

async function photoSize(bytes: Uint8Array): Promise<{ width: number; height: number } | undefined> {
  if (bytes.length === 0 || bytes.length > maxPhotoBytes) return undefined;
  try {
    const { format, width, height } = await sharp(bytes).metadata();
    const ratio = Math.max(width / height, height / width);
    const fits = width + height <= maxPhotoSides && ratio <= maxPhotoRatio;
    return fits && (format === 'jpeg' || format === 'png') ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

/** A Message object of the Bot API. */
function updateMessage(message: ChatMessage, personId: number): object {
  const { file } = message;
  return {
    message_id: message.id,
    date: Math.floor(Date.parse(message.sentAt) / 1000),
    from: { id: personId, is_bot: false, first_name: 'You' },
    chat: { id: personId, type: 'private', first_name: 'You' },
    ...(message.text === undefined ? {} : { text: message.text, ...commandEntity(message.text) }),
    ...(file === undefined ? {} : fileField(file)),
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
