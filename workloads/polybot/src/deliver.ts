import type { Log } from '@stepkube/shared/service/logger.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';

/** The message can never be delivered: the chat is closed to the bot, or Telegram refuses the content. */
export type Undeliverable = 'chat-closed' | 'refused';

/**
 * Sends a message about a job. A permanent refusal is an outcome, not an error, because another attempt would end the same.
 * @throws RetryableError when Telegram is unavailable, asks to slow down or refuses the bot's token.
 */
export async function deliver<Outcome>(
  send: () => Promise<Outcome>,
  { jobId, log }: { readonly jobId: string; readonly log: Log },
): Promise<Outcome | Undeliverable> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof TelegramUnavailableError)
      throw new RetryableError('Telegram is not available', error.retryAfterSeconds ?? 0, { cause: error });
    if (!(error instanceof TelegramRefusedError)) throw error;
    if (error.tokenRefused) throw new RetryableError('the token is refused', 0, { cause: error });
    log.warn({ err: error, jobId }, 'the chat was not told');
    return error.chatClosed ? 'chat-closed' : 'refused';
  }
}
