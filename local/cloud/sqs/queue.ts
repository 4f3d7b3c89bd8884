/** One standard queue with visibility timeouts, long polling and redrive. Times are real, as the pods that poll it are. */
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../service-error.ts';
import type { MessageAttributes } from './digests.ts';
import { takeFairly } from './fair-order.ts';
import { checkReceiptHandle, newReceiptHandle } from './receipt-handle.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly retentionSeconds: number;
  readonly maxMessageBytes: number;
  readonly redrivePolicy: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** The fair queue's group. */
  readonly groupId: string | undefined;
  /** Times are in milliseconds since 1970. */
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Of the latest receive; those of earlier receives no longer delete the message. */
  receiptHandle?: string;
}

export interface NewMessage extends Pick<Message, 'body' | 'attributes' | 'groupId'> {
  readonly delaySeconds: number;
}

export interface ReceiveOptions {
  readonly maxMessages: number;
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface QueueListeners {
  /** Called when the number of visible or in-flight messages may have changed. */
  readonly onChange: () => void;
  /** Takes a message that was received `maxReceiveCount` times. */
  readonly onDeadLetter: (message: Message) => void;
}

export class Queue {
  readonly settings: QueueSettings;
  readonly #listeners: QueueListeners;
  #messages: Message[] = [];
  /** Ends the wait of each long poll. */
  readonly #pollers = new Set<() => void>();

  constructor(settings: QueueSettings, listeners: QueueListeners) {
    this.settings = settings;
    this.#listeners = listeners;
  }

  send({ body, attributes, groupId, delaySeconds }: NewMessage): Message {
    const sentAt = Date.now();
    const message = {
      id: randomUUID(),
      body,
      attributes,
      groupId,
      sentAt,
      visibleAt: sentAt + delaySeconds * 1000,
      receiveCount: 0,
    };
    this.add(message);
    return message;
  }

  add(message: Message): void {
    this.#messages.push(message);
    this.#wakePollers();
  }

  async receive(options: ReceiveOptions): Promise<readonly Message[]> {
    const deadline = Date.now() + options.waitSeconds * 1000;
    for (;;) {
      if (options.signal.aborted) return [];
      const received = this.#take(options);
      if (received.length > 0 || Date.now() >= deadline) return received;
      await this.#untilNextChange(deadline, options.signal);
    }
  }

  /**
   * Deletes the message of a receipt handle. The handle of an earlier receive is accepted and deletes nothing, as documented.
   * @throws ServiceError ReceiptHandleIsInvalid
   */
  delete(receiptHandle: string): void {
    checkReceiptHandle(receiptHandle);
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
    this.#listeners.onChange();
  }

  /** @throws ServiceError ReceiptHandleIsInvalid, MessageNotInflight */
  changeVisibility(receiptHandle: string, timeoutSeconds: number): void {
    checkReceiptHandle(receiptHandle);
    const message = this.#messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message === undefined || message.visibleAt <= Date.now()) {
      throw new ServiceError('MessageNotInflight', "The specified message isn't in flight.");
    }
    message.visibleAt = Date.now() + timeoutSeconds * 1000;
    this.#wakePollers();
  }

  /** Takes the messages that are visible out of the queue. */
  removeVisible(): readonly Message[] {
    const now = Date.now();
    const removed = this.#messages.filter(({ visibleAt }) => visibleAt <= now);
    this.#messages = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    this.#listeners.onChange();
    return removed;
  }

  purge(): void {
    this.#messages = [];
    this.#listeners.onChange();
  }

  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = Date.now();
    const hidden = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
    return { visible: this.#messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  /** Since the oldest message was sent; undefined for an empty queue. */
  get oldestSeconds(): number | undefined {
    if (this.#messages.length === 0) return undefined;
    return Math.round((Date.now() - Math.min(...this.#messages.map(({ sentAt }) => sentAt))) / 1000);
  }

  #take({ maxMessages, visibilityTimeoutSeconds }: ReceiveOptions): Message[] {
    const now = Date.now();
    this.#removeExpiredAndDead(now);
    const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= now);
    const inFlight = this.#messages.filter(({ visibleAt, receiveCount }) => visibleAt > now && receiveCount > 0);
    const received = [...takeFairly(visible, inFlight, maxMessages)];
    for (const message of received) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiptHandle = newReceiptHandle();
    }
    if (received.length > 0) this.#listeners.onChange();
    return received;
  }

  #removeExpiredAndDead(now: number): void {
    const { retentionSeconds, redrivePolicy } = this.settings;
    const maxReceiveCount = redrivePolicy?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    const remaining: Message[] = [];
    for (const message of this.#messages) {
      if (message.sentAt + retentionSeconds * 1000 <= now) continue;
      const isDead = message.visibleAt <= now && message.receiveCount >= maxReceiveCount;
      if (isDead) this.#listeners.onDeadLetter(message);
      else remaining.push(message);
    }
    this.#messages = remaining;
  }

  /** Settles at the next change, when a hidden message becomes visible, at the deadline, or when the signal is aborted. */
  #untilNextChange(deadline: number, signal: AbortSignal): Promise<void> {
    const until = Math.min(deadline, ...this.#messages.map(({ visibleAt }) => visibleAt));
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#pollers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, until - Date.now()) + 1);
      signal.addEventListener('abort', end);
      this.#pollers.add(end);
    });
  }

  #wakePollers(): void {
    for (const end of [...this.#pollers]) end();
    this.#listeners.onChange();
  }
}
