/** One standard queue: visibility, long polling and redrive. Times are real, as the pods that poll it are. */
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../service.ts';
import type { MessageAttributes } from './digests.ts';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly retentionSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Of the latest receive; earlier ones no longer delete the message. */
  receiptHandle?: string;
}

export interface ReceiveOptions {
  readonly maxMessages: number;
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly signal: AbortSignal;
}

export class Queue {
  readonly settings: QueueSettings;
  #messages: Message[] = [];
  readonly #changed: () => void;
  readonly #deadLetters: (message: Message) => void;
  readonly #waiting = new Set<() => void>();

  /** @param deadLetters takes a message that was received too often */
  constructor(settings: QueueSettings, changed: () => void, deadLetters: (message: Message) => void) {
    this.settings = settings;
    this.#changed = changed;
    this.#deadLetters = deadLetters;
  }

  send(body: string, attributes: MessageAttributes, delaySeconds: number): Message {
    const sentAt = Date.now();
    const message = {
      id: randomUUID(),
      body,
      attributes,
      sentAt,
      visibleAt: sentAt + delaySeconds * 1000,
      receiveCount: 0,
    };
    this.add(message);
    return message;
  }

  add(message: Message): void {
    this.#messages.push(message);
    this.#wake();
  }

  async receive(options: ReceiveOptions): Promise<readonly Message[]> {
    const deadline = Date.now() + options.waitSeconds * 1000;
    for (;;) {
      // A message must not go to someone who has hung up: it would stay invisible for its whole timeout.
      if (options.signal.aborted) return [];
      const taken = this.#take(options);
      if (taken.length > 0 || Date.now() >= deadline) return taken;
      await this.#change(deadline, options.signal);
    }
  }

  /** An earlier receive's handle is accepted and deletes nothing, as documented. */
  delete(receiptHandle: string): void {
    assertReceiptHandle(receiptHandle);
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
    this.#changed();
  }

  changeVisibility(receiptHandle: string, timeoutSeconds: number): void {
    assertReceiptHandle(receiptHandle);
    const message = this.#messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message === undefined || message.visibleAt <= Date.now()) {
      throw new ServiceError('MessageNotInflight', "The specified message isn't in flight.");
    }
    message.visibleAt = Date.now() + timeoutSeconds * 1000;
    this.#wake();
  }

  purge(): void {
    this.#messages = [];
    this.#changed();
  }

  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = Date.now();
    const hidden = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
    return { visible: this.#messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  #take({ maxMessages, visibilityTimeoutSeconds }: ReceiveOptions): Message[] {
    const now = Date.now();
    this.#dropExpired(now);
    const taken = this.#messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, maxMessages);
    for (const message of taken) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiptHandle = newReceiptHandle();
    }
    if (taken.length > 0) this.#changed();
    return taken;
  }

  #dropExpired(now: number): void {
    const { retentionSeconds, redrive } = this.settings;
    const kept: Message[] = [];
    for (const message of this.#messages) {
      if (message.sentAt + retentionSeconds * 1000 <= now) continue;
      const isDead = message.visibleAt <= now && message.receiveCount >= (redrive?.maxReceiveCount ?? Infinity);
      if (isDead) this.#deadLetters(message);
      else kept.push(message);
    }
    this.#messages = kept;
  }

  /** Settles at the next change, when a hidden message becomes visible, at the deadline, or when the caller leaves. */
  #change(deadline: number, signal: AbortSignal): Promise<void> {
    const until = Math.min(deadline, ...this.#messages.map(({ visibleAt }) => visibleAt));
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, until - Date.now()) + 1);
      signal.addEventListener('abort', end);
      this.#waiting.add(end);
    });
  }

  #wake(): void {
    for (const end of [...this.#waiting]) end();
    this.#changed();
  }
}

function newReceiptHandle(): string {
  return Buffer.from(`receipt:${randomUUID()}`).toString('base64');
}

function assertReceiptHandle(receiptHandle: unknown): asserts receiptHandle is string {
  const text = typeof receiptHandle === 'string' ? Buffer.from(receiptHandle, 'base64').toString('utf8') : '';
  if (!text.startsWith('receipt:')) {
    throw new ServiceError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
    );
  }
}
