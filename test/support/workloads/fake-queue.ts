import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

export type Attributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;

interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Attributes;
  receives: number;
  visible: boolean;
}

/** One SQS queue. A message that is hidden for 0 seconds is visible again; hidden for longer, it stays so. */
export class FakeQueue {
  readonly messages: StoredMessage[] = [];
  /** Every VisibilityTimeout that was asked for, in order. */
  readonly visibilityChanges: number[] = [];
  deleted = 0;
  private readonly delayed: boolean;
  private readonly changes = new EventEmitter();

  /** @param options.delayed messages stay invisible until `elapse` is called */
  constructor({ delayed = false } = {}) {
    this.delayed = delayed;
  }

  /** @param receives how often somebody had it already */
  send(body: string, attributes: Attributes = {}, receives = 0): void {
    this.messages.push({ id: randomUUID(), body, attributes, receives, visible: !this.delayed });
    this.changes.emit('change');
  }

  /** The delivery delay of every message is over. */
  elapse(): void {
    for (const message of this.messages) message.visible = true;
    this.changes.emit('change');
  }

  /** Long-polls until a message is visible or the caller has gone. */
  async receive(limit: number, gone: AbortSignal): Promise<object[]> {
    while (!gone.aborted) {
      const taken = this.messages.filter(({ visible }) => visible).slice(0, limit);
      if (taken.length > 0) return taken.map((message) => this.handOver(message));
      await once(this.changes, 'change', { signal: gone }).catch(() => undefined);
    }
    return [];
  }

  delete(receiptHandle: string): void {
    const index = this.messages.findIndex(({ id }) => id === receiptHandle);
    if (index >= 0) this.messages.splice(index, 1);
    this.deleted += 1;
    this.changes.emit('change');
  }

  hide(receiptHandle: string, seconds: number): void {
    const message = this.messages.find(({ id }) => id === receiptHandle);
    if (message !== undefined) message.visible = seconds === 0;
    this.visibilityChanges.push(seconds);
    this.changes.emit('change');
  }

  /** Resolves when the condition holds. */
  async until(condition: (queue: FakeQueue) => boolean): Promise<void> {
    while (!condition(this)) await once(this.changes, 'change');
  }

  private handOver(message: StoredMessage): object {
    message.visible = false;
    message.receives += 1;
    return {
      MessageId: message.id,
      ReceiptHandle: message.id,
      Body: message.body,
      MD5OfBody: createHash('md5').update(message.body).digest('hex'),
      Attributes: { ApproximateReceiveCount: String(message.receives) },
    };
  }
}
