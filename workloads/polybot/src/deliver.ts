import { TryAgainError } from '@stepkube/shared/queue/queue-consumer.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';

/** Nobody is there to be told, or it can never be told: repeating it would only fill the queue. */
export type Undelivered = 'chat-closed' | 'refused';

/**
 * Tells a chat something about a job.
 * @throws TryAgainError when Telegram cannot be reached, asks to slow down or refuses the bot's token.
 */
export async function deliver<Outcome>(
  send: () => Promise<Outcome>,
  { jobId, log }: { readonly jobId: string; readonly log: Log },
): Promise<Outcome | Undelivered> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof TelegramUnavailableError)
      throw new TryAgainError('Telegram is not available', error.retryAfterSeconds ?? 0, { cause: error });
    if (!(error instanceof TelegramRefusedError)) throw error;
    if (error.tokenRefused) throw new TryAgainError('the token is refused', 0, { cause: error });
    log.warn({ err: error, jobId }, 'the chat was not told');
    return error.chatClosed ? 'chat-closed' : 'refused';
  }
}
