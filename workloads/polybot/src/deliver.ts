import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';

/** The message can never be delivered: the chat is closed to the bot, or Telegram refuses the content. */
export type Undeliverable = 'chat-closed' | 'refused';

/** A pause up to this long is waited for in place; a longer one gives the message back. Below the life of a claim. */
const maxPauseSeconds = 60;

interface DeliveryContext {
  readonly jobId: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Sends a message about a job. A permanent refusal is an outcome, not an error, because another attempt would end the same. A pause that
 * Telegram asks for is no failed attempt either: it is waited for.
 * @throws RetryableError when Telegram is unavailable, asks for a long pause or refuses the bot's token; the signal's reason
 */
export async function deliver<Outcome>(
  send: () => Promise<Outcome>,
  { jobId, log, signal }: DeliveryContext,
): Promise<Outcome | Undeliverable> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof TelegramRefusedError) return outcomeOf(error, { jobId, log });
      if (!(error instanceof TelegramUnavailableError)) throw error;
      const { retryAfterSeconds } = error;
      if (retryAfterSeconds === undefined || retryAfterSeconds > maxPauseSeconds)
        throw new RetryableError('Telegram is not available', retryAfterSeconds ?? 0, { cause: error });
      log.info({ jobId, retryAfterSeconds }, 'Telegram asks for a pause');
      await wait(retryAfterSeconds * 1000, undefined, { signal });
    }
  }
}

function outcomeOf(error: TelegramRefusedError, { jobId, log }: Omit<DeliveryContext, 'signal'>): Undeliverable {
  if (error.refusal === 'token') throw new RetryableError('the token is refused', 0, { cause: error });
  log.warn({ err: error, jobId }, 'the chat was not told');
  return error.refusal === 'chat-closed' ? 'chat-closed' : 'refused';
}
