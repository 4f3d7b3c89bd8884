import { setTimeout as wait } from 'node:timers/promises';
import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { z } from 'zod';
import type { Log } from '../service/logger.ts';
import { MessageInHand } from './received-message.ts';

/** Thrown by a handler that knows before when trying again makes no sense; the growing pause can be longer. */
export class TryAgainError extends Error {
  override readonly name = 'TryAgainError';
  readonly afterSeconds: number;

  constructor(message: string, afterSeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.afterSeconds = afterSeconds;
  }
}

/** Each attempt ended without a word, as when the message itself ends the process: the next one would, too. */
export class ConsumersLostError extends Error {
  override readonly name = 'ConsumersLostError';
}

export type MessageOutcome = 'done' | 'failed' | 'given-up' | 'malformed' | 'returned';

export interface QueueConsumerOptions<T> {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly schema: z.ZodType<T>;
  /** Messages handled at the same time. */
  readonly concurrency: number;
  /** A message is invisible to others for this long, and this is extended while it is worked on. */
  readonly visibilitySeconds: number;
  /** After `stop`, work in hand may go on for this long; then its message is returned to the queue. */
  readonly drainSeconds: number;
  /** Must be safe to repeat: a message can come more than once. */
  readonly handle: (content: T, signal: AbortSignal) => Promise<void>;
  /** A message that was tried so often goes to the dead letters. */
  readonly attempts: number;
  /** Called before a message that is not malformed goes to the dead letters. Must be safe to repeat. */
  readonly onGivenUp?: (content: T, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly onOutcome?: (outcome: MessageOutcome) => void;
}

const pollSeconds = 20;
const longestBackoffSeconds = 30;

/**
 * Long-polls a queue and hands each message to `handle`. Handled messages are deleted; failed ones come back after a
 * pause that grows. What can never succeed or was tried often enough goes to the dead letters, with the reason: the
 * queue's own redrive policy tells none, and only steps in when even that fails.
 */
export class QueueConsumer<T> {
  private readonly options: QueueConsumerOptions<T>;
  private readonly polling = new AbortController();
  private readonly working = new AbortController();
  private readonly inHand = new Set<Promise<void>>();
  private loop: Promise<void> = Promise.resolve();

  constructor(options: QueueConsumerOptions<T>) {
    this.options = options;
  }

  start(): void {
    this.loop = this.poll();
  }

  /** Receives nothing more, and resolves when the work in hand is done or returned to the queue. */
  async stop(): Promise<void> {
    this.polling.abort();
    const deadline = setTimeout(() => this.working.abort(), this.options.drainSeconds * 1000);
    await this.loop;
    await Promise.all(this.inHand);
    clearTimeout(deadline);
  }

  private async poll(): Promise<void> {
    const { log, concurrency } = this.options;
    let failures = 0;
    while (!this.polling.signal.aborted) {
      try {
        for (const message of await this.receive(concurrency - this.inHand.size)) this.take(message);
        failures = 0;
      } catch (error) {
        if (this.polling.signal.aborted) return;
        failures += 1;
        const pauseSeconds = Math.min(longestBackoffSeconds, 2 ** (failures - 1));
        log.warn({ err: error, pauseSeconds }, 'the queue could not be read');
        await wait(pauseSeconds * 1000, undefined, { signal: this.polling.signal }).catch(() => undefined);
      }
      if (this.inHand.size >= concurrency) await Promise.race(this.inHand);
    }
  }

  private async receive(limit: number): Promise<readonly Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.options.queueUrl,
      MaxNumberOfMessages: Math.min(10, limit),
      WaitTimeSeconds: pollSeconds,
      VisibilityTimeout: this.options.visibilitySeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    return (await this.options.sqs.send(command, { abortSignal: this.polling.signal })).Messages ?? [];
  }

  private take(message: Message): void {
    const work = this.work(message).finally(() => this.inHand.delete(work));
    this.inHand.add(work);
  }

  private async work(received: Message): Promise<void> {
    const { sqs, queueUrl, visibilitySeconds, log, onOutcome } = this.options;
    const message = new MessageInHand({ sqs, queueUrl, visibilitySeconds, received, log });
    try {
      onOutcome?.(await this.outcomeOf(message));
    } catch (error) {
      // The queue itself did not answer: the message becomes visible again by itself.
      log.error({ err: error, messageId: received.MessageId }, 'the message could not be deleted or returned');
      onOutcome?.('failed');
    } finally {
      message.release();
    }
  }

  private async outcomeOf(message: MessageInHand): Promise<MessageOutcome> {
    const { schema, handle, log, attempts } = this.options;
    const content = schema.safeParse(parseJson(message.body));
    if (!content.success) {
      const reason = content.error.issues.map(({ path, message: text }) => `${path.join('.') || 'body'}: ${text}`);
      log.error({ messageId: message.id, reason }, 'malformed message: moved to the dead letters');
      await message.giveUp(`malformed: ${reason.join('; ')}`);
      return 'malformed';
    }
    if (message.attempt > attempts)
      return this.giveUp(
        message,
        content.data,
        new ConsumersLostError(`${attempts} attempts ended without an outcome`),
      );
    try {
      await handle(content.data, this.working.signal);
    } catch (error) {
      if (this.working.signal.aborted) {
        log.info({ messageId: message.id }, 'work in hand returned to the queue');
        await message.returnAfter(0);
        return 'returned';
      }
      if (message.attempt >= attempts) return this.giveUp(message, content.data, error);
      const askedSeconds = error instanceof TryAgainError ? error.afterSeconds : 0;
      const afterSeconds = Math.max(askedSeconds, message.backoffSeconds);
      log.error({ err: error, messageId: message.id, afterSeconds }, 'the message could not be handled');
      await message.returnAfter(afterSeconds);
      return 'failed';
    }
    await message.delete();
    return 'done';
  }

  private async giveUp(message: MessageInHand, content: T, error: unknown): Promise<MessageOutcome> {
    const { log, onGivenUp } = this.options;
    log.error({ err: error, messageId: message.id, attempt: message.attempt }, 'given up: moved to the dead letters');
    await onGivenUp?.(content, this.working.signal);
    const { name, message: text } = error instanceof Error ? error : { name: typeof error, message: String(error) };
    await message.giveUp(`${name}: ${text}`);
    return 'given-up';
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
