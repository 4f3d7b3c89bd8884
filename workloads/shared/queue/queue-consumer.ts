import { setTimeout as wait } from 'node:timers/promises';
import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { z } from 'zod';
import type { Log } from '../service/logger.ts';
import { parseJson } from '../service/parse-json.ts';
import { RetryableError } from '../service/retryable-error.ts';
import { PermanentError } from './permanent-error.ts';
import { PostponedError } from './postponed-error.ts';
import { ReceivedMessage } from './received-message.ts';

/** Every attempt ended without an outcome, as when the message makes the process crash: another attempt would do the same. */
export class ConsumersLostError extends Error {
  override readonly name = 'ConsumersLostError';
}

export type MessageOutcome = 'done' | 'failed' | 'given-up' | 'malformed' | 'returned' | 'postponed';

export interface QueueConsumerOptions<T> {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Takes what can never be handled, with the reason. */
  readonly deadLetterQueueUrl: string;
  readonly schema: z.ZodType<T>;
  /** Messages handled at the same time. */
  readonly concurrency: number;
  /** A received message is invisible to other consumers for this long; this is extended while it is being handled. */
  readonly visibilitySeconds: number;
  /** After `stop`, running handlers may go on for this long; then their messages are returned to the queue. */
  readonly drainSeconds: number;
  /**
   * Must be idempotent: a message can be delivered more than once. May throw RetryableError to ask for a longer pause,
   * PostponedError for one that is no failure, PermanentError to give up.
   */
  readonly handle: (content: T, signal: AbortSignal) => Promise<void>;
  /** After this many attempts a message goes to the dead letters. */
  readonly attempts: number;
  /** Called before a well-formed message goes to the dead letters. Must be idempotent. May throw PostponedError, to be called again. */
  readonly onGivenUp?: (content: T, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly onOutcome?: (outcome: MessageOutcome) => void;
}

/** A stop waits for the poll that is under way: well below the time that a service may take to stop. */
const pollSeconds = 5;
const maxBatchSize = 10;
const maxBackoffSeconds = 30;

/**
 * Long-polls a queue and passes each message to `handle`. Handled messages are deleted; failed ones become visible again
 * after a growing pause. What is malformed or has used up its attempts goes to the dead letters with the reason. The queue's
 * own redrive policy records no reason; it remains as a fallback for messages that cannot be moved.
 */
export class QueueConsumer<T> {
  readonly #options: QueueConsumerOptions<T>;
  readonly #polling = new AbortController();
  readonly #working = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: QueueConsumerOptions<T>) {
    this.#options = options;
  }

  start(): this {
    this.#loop = this.#poll();
    return this;
  }

  /**
   * Begins no more polls; resolves when the one under way has ended and the messages in flight, its own included, are handled or
   * returned to the queue.
   */
  async stop(): Promise<void> {
    this.#polling.abort();
    const deadline = setTimeout(() => this.#working.abort(), this.#options.drainSeconds * 1000);
    await this.#loop;
    await Promise.all(this.#inFlight);
    clearTimeout(deadline);
  }

  async #poll(): Promise<void> {
    const { log, concurrency } = this.#options;
    let failures = 0;
    while (!this.#polling.signal.aborted) {
      try {
        for (const message of await this.#receive(concurrency - this.#inFlight.size)) this.#take(message);
        failures = 0;
      } catch (error) {
        if (this.#polling.signal.aborted) return;
        failures += 1;
        const pauseSeconds = Math.min(maxBackoffSeconds, 2 ** (failures - 1));
        log.warn({ err: error, pauseSeconds }, 'the queue could not be read');
        await wait(pauseSeconds * 1000, undefined, { signal: this.#polling.signal }).catch(() => undefined);
      }
      if (this.#inFlight.size >= concurrency) await Promise.race(this.#inFlight);
    }
  }

  async #receive(limit: number): Promise<readonly Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: Math.min(maxBatchSize, limit),
      WaitTimeSeconds: pollSeconds,
      VisibilityTimeout: this.#options.visibilitySeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'MessageGroupId'],
    });
    // Never hung up on: SQS would go on serving the poll, and what it takes would wait for its visibility timeout.
    return (await this.#options.sqs.send(command)).Messages ?? [];
  }

  #take(message: Message): void {
    const work = this.#work(message).finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  async #work(received: Message): Promise<void> {
    const { log, onOutcome } = this.#options;
    const message = new ReceivedMessage({ ...this.#options, received });
    try {
      onOutcome?.(await this.#process(message));
    } catch (error) {
      // SQS itself failed: the message becomes visible again when its visibility timeout ends.
      log.error({ err: error, messageId: received.MessageId }, 'the message could not be deleted or returned');
      onOutcome?.('failed');
    } finally {
      message.release();
    }
  }

  async #process(message: ReceivedMessage): Promise<MessageOutcome> {
    const { schema, handle, log, attempts } = this.#options;
    const content = schema.safeParse(parseJson(message.body));
    if (!content.success) return this.#rejectMalformed(message, content.error);
    if (message.attempt > attempts) {
      const lost = new ConsumersLostError(`${attempts} attempts ended without an outcome`);
      return this.#giveUp(message, content.data, lost);
    }
    // The last poll may bring a message for which no time is left.
    if (this.#working.signal.aborted) return this.#return(message);
    try {
      await handle(content.data, this.#working.signal);
    } catch (error) {
      if (error instanceof PostponedError) return this.#postpone(message, error);
      if (this.#working.signal.aborted) return this.#return(message);
      if (error instanceof PermanentError || message.attempt >= attempts)
        return this.#giveUp(message, content.data, error);
      const askedSeconds = error instanceof RetryableError ? error.retryAfterSeconds : 0;
      const afterSeconds = Math.max(askedSeconds, message.backoffSeconds);
      log.error({ err: error, messageId: message.id, afterSeconds }, 'the message could not be handled');
      await message.returnAfter(afterSeconds);
      return 'failed';
    }
    await message.delete();
    return 'done';
  }

  async #postpone(
    message: ReceivedMessage,
    { message: reason, afterSeconds }: PostponedError,
  ): Promise<MessageOutcome> {
    this.#options.log.info({ messageId: message.id, reason }, 'postponed');
    await message.postpone(afterSeconds);
    return 'postponed';
  }

  async #return(message: ReceivedMessage): Promise<MessageOutcome> {
    this.#options.log.info({ messageId: message.id }, 'work in hand returned to the queue');
    await message.returnAfter(0);
    return 'returned';
  }

  async #rejectMalformed(message: ReceivedMessage, { issues }: z.ZodError): Promise<MessageOutcome> {
    const reason = issues.map(({ path, message: text }) => `${path.join('.') || 'body'}: ${text}`);
    this.#options.log.error({ messageId: message.id, reason }, 'malformed message: moved to the dead letters');
    await message.moveToDeadLetters(`malformed: ${reason.join('; ')}`);
    return 'malformed';
  }

  async #giveUp(message: ReceivedMessage, content: T, error: unknown): Promise<MessageOutcome> {
    const { log, onGivenUp } = this.#options;
    log.error({ err: error, messageId: message.id, attempt: message.attempt }, 'given up: moved to the dead letters');
    try {
      await onGivenUp?.(content, this.#working.signal);
    } catch (failure) {
      if (!(failure instanceof PostponedError)) throw failure;
      await message.returnAfter(failure.afterSeconds);
      return 'postponed';
    }
    const { name, message: text } = error instanceof Error ? error : { name: typeof error, message: String(error) };
    await message.moveToDeadLetters(`${name}: ${text}`);
    return 'given-up';
  }
}
