import { randomInt, randomUUID } from 'node:crypto';
import { FloodControl } from './flood-control.ts';

export interface ChatMessage {
  readonly id: number;
  readonly from: 'user' | 'bot';
  /** ISO 8601 */
  readonly sentAt: string;
  /** The text, or the caption of a file. */
  readonly text?: string;
  readonly file?: ChatFile;
  /** The same for all messages of one album. */
  readonly albumId?: string;
  /** Id of the message that this one replies to. */
  readonly replyTo?: number;
}

export interface ChatFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly kind: 'photo' | 'animation' | 'document';
  readonly bytes: Uint8Array;
  /** Pixels; photos only. */
  readonly width?: number;
  readonly height?: number;
}

export type NewMessage = Omit<ChatMessage, 'id' | 'sentAt'>;

export type ChatType = 'private' | 'supergroup';

/** What the bot may send to a group. https://core.telegram.org/bots/api#chatpermissions */
export interface BotRights {
  messages: boolean;
  photos: boolean;
  documents: boolean;
}

/** A chat of the person and the bot: their private one, or a group. */
export class Chat {
  readonly id: number;
  readonly type: ChatType;
  readonly botRights: BotRights = { messages: true, photos: true, documents: true };
  readonly floodControl: FloodControl;
  /** Oldest first. */
  readonly messages: ChatMessage[] = [];
  /** A chat action such as 'upload_photo', until the bot's next message. */
  action: string | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param id negative for a group; of a private chat, the id of the person */
  constructor(id: number, type: ChatType) {
    this.id = id;
    this.type = type;
    this.floodControl = new FloodControl(type);
  }

  /** The Chat structure. https://core.telegram.org/bots/api#chat */
  get description(): object {
    const { id, type } = this;
    return type === 'private' ? { id, type, first_name: 'You' } : { id, type, title: 'Group' };
  }

  add(message: NewMessage): ChatMessage {
    const added = { ...message, id: this.messages.length + 1, sentAt: new Date().toISOString() };
    this.messages.push(added);
    if (message.from === 'bot') this.action = undefined;
    this.#notify();
    return added;
  }

  showAction(action: string): void {
    this.action = action;
    this.#notify();
  }

  file(fileId: string): ChatFile | undefined {
    return this.messages.find((message) => message.file?.id === fileId)?.file;
  }

  /** Calls `listener` after each change. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for the bot's reply to a message. Rejects with the signal's reason when it is aborted. */
  answerTo(messageId: number, signal: AbortSignal): Promise<ChatMessage> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const answer = this.messages.find((message) => message.from === 'bot' && message.replyTo === messageId);
        if (answer !== undefined) settle(() => resolve(answer));
      };
      const onAbort = () => settle(() => reject(signal.reason));
      const settle = (action: () => void) => {
        removeListener();
        signal.removeEventListener('abort', onAbort);
        action();
      };
      const removeListener = this.onChange(check);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else check();
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function newFileId(): string {
  return `twin-${randomUUID()}`;
}

export function newAlbumId(): string {
  return String(randomInt(10 ** 14));
}
