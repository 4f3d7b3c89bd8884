import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

export type Attributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;

interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Attributes;
  /** The fair queue's group. */
  readonly groupId: string | undefined;
  readonly delaySeconds: number;
  receives: number;
  visible: boolean;
}

/** Of body and attributes together. */
const maxMessageBytes = 1_048_576;

interface SendOptions {
  /** How often the message was received before. */
  readonly receives?: number;
  readonly delaySeconds?: number;
  readonly groupId?: string | undefined;
}

/**
 * An SQS queue without time: a message with a visibility timeout or a delay of 0 is visible, with any other it stays invisible until
 * `elapse` is called.
 */
export class FakeQueue {
  readonly messages: StoredMessage[] = [];
  /** Every VisibilityTimeout of ChangeMessageVisibility, in order. */
  readonly visibilityChanges: number[] = [];
  deleted = 0;
  sent = 0;
  readonly #delayed: boolean;
  readonly #changes = new EventEmitter();

  /** @param options.delayed messages stay invisible until `elapse` is called */
  constructor({ delayed = false } = {}) {
    this.#delayed = delayed;
  }

  send(body: string, attributes: Attributes = {}, { receives = 0, delaySeconds = 0, groupId }: SendOptions = {}): void {
    const bytes = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes)) - 2;
    if (bytes > maxMessageBytes) throw new Error(`One or more parameters are invalid: ${bytes} bytes`);
    this.sent += 1;
    const visible = !this.#delayed && delaySeconds === 0;
    this.messages.push({ id: randomUUID(), body, attributes, groupId, delaySeconds, receives, visible });
    this.#changes.emit('change');
  }

  /** Ends the delivery delay of every message. */
  elapse(): void {
    for (const message of this.messages) message.visible = true;
    this.#changes.emit('change');
  }

  /** Long-polls until a message is visible, or for a second: SQS, too, may end a poll early. */
  async receive(limit: number): Promise<object[]> {
    const end = AbortSignal.timeout(1000);
    this.#changes.emit('poll');
    while (!end.aborted) {
      const taken = this.messages.filter(({ visible }) => visible).slice(0, limit);
      if (taken.length > 0) return taken.map((message) => this.#handOver(message));
      await once(this.#changes, 'change', { signal: end }).catch(() => undefined);
    }
    return [];
  }

  delete(receiptHandle: string): void {
    const index = this.messages.findIndex(({ id }) => id === receiptHandle);
    if (index >= 0) this.messages.splice(index, 1);
    this.deleted += 1;
    this.#changes.emit('change');
  }

  hide(receiptHandle: string, seconds: number): void {
    const message = this.messages.find(({ id }) => id === receiptHandle);
    if (message !== undefined) message.visible = seconds === 0;
    this.visibilityChanges.push(seconds);
    this.#changes.emit('change');
  }

  /** Resolves at the beginning of the next poll. */
  async polled(): Promise<void> {
    await once(this.#changes, 'poll');
  }

  /** Resolves when the condition holds. */
  async until(condition: (queue: FakeQueue) => boolean): Promise<void> {
    while (!condition(this)) await once(this.#changes, 'change');
  }

  #handOver(message: StoredMessage): object {
    message.visible = false;
    message.receives += 1;
    return {
      MessageId: message.id,
      ReceiptHandle: message.id,
      Body: message.body,
      MD5OfBody: createHash('md5').update(message.body).digest('hex'),
      Attributes: {
        ApproximateReceiveCount: String(message.receives),
        ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
      },
    };
  }
}
