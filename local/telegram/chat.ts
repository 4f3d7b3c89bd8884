import { randomInt, randomUUID } from 'node:crypto';

export interface ChatMessage {
  readonly id: number;
  readonly from: 'user' | 'bot';
  readonly sentAt: string;
  /** What was written, with a file: its caption. */
  readonly text?: string;
  readonly file?: ChatFile;
  /** The same for the messages of one album. */
  readonly albumId?: string;
  readonly replyTo?: number;
}

export interface ChatFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  /** Photos travel as Telegram photos, everything else as documents. */
  readonly kind: 'photo' | 'document';
  readonly bytes: Uint8Array;
  /** Pixels; photos only. */
  readonly width?: number;
  readonly height?: number;
}

export type NewMessage = Omit<ChatMessage, 'id' | 'sentAt'>;

/** The one private chat of the twin: what both sides have said, oldest first. */
export class Chat {
  /** Telegram's ids of the person and of their private chat are the same number. */
  readonly personId = 100_001;
  readonly messages: ChatMessage[] = [];
  /** Set while the bot shows a chat action such as 'upload_photo'; Telegram clears it with the next message. */
  action: string | undefined;
  private readonly listeners = new Set<() => void>();

  add(message: NewMessage): ChatMessage {
    const added = { ...message, id: this.messages.length + 1, sentAt: new Date().toISOString() };
    this.messages.push(added);
    if (message.from === 'bot') this.action = undefined;
    this.notify();
    return added;
  }

  showAction(action: string): void {
    this.action = action;
    this.notify();
  }

  file(fileId: string): ChatFile | undefined {
    return this.messages.find((message) => message.file?.id === fileId)?.file;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Waits for the bot's answer to a message. Rejects with the signal's reason when aborted. */
  answerTo(messageId: number, signal: AbortSignal): Promise<ChatMessage> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const answer = this.messages.find((message) => message.from === 'bot' && message.replyTo === messageId);
        if (answer !== undefined) finish(() => resolve(answer));
      };
      const aborted = () => finish(() => reject(signal.reason));
      const finish = (settle: () => void) => {
        unsubscribe();
        signal.removeEventListener('abort', aborted);
        settle();
      };
      const unsubscribe = this.onChange(look);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      else look();
    });
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

export function newFileId(): string {
  return `twin-${randomUUID()}`;
}

export function newAlbumId(): string {
  return String(randomInt(10 ** 14));
}
