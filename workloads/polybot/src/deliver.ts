import { PostponedError } from '@stepkube/shared/queue/postponed-error.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import type { ChatPace, Urgency } from './chat-pace.ts';
import { TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';

/** The message can never be delivered: the chat is closed to the bot, or Telegram refuses the content. */
export type Undeliverable = 'chat-closed' | 'refused';

interface DeliveryContext {
  readonly jobId: string;
  readonly chatId: number;
  readonly urgency: Urgency;
  readonly pace: ChatPace;
  readonly log: Log;
}

/**
 * Sends a message about a job when the chat's pace has room for it. A permanent refusal is an outcome, not an error, because another
 * attempt would end the same.
 * @throws PostponedError while the chat has no room, or Telegram asks for a pause; RetryableError when Telegram is unavailable or refuses
 *   the bot's token
 */
export async function deliver<Outcome>(
  send: () => Promise<Outcome>,
  { jobId, chatId, urgency, pace, log }: DeliveryContext,
): Promise<Outcome | Undeliverable> {
  const waitSeconds = pace.take(chatId, urgency);
  if (waitSeconds > 0) throw new PostponedError("the chat's pace has no room", waitSeconds);
  try {
    return await send();
  } catch (error) {
    if (error instanceof TelegramRefusedError) return outcomeOf(error, { jobId, log });
    if (!(error instanceof TelegramUnavailableError)) throw error;
    const { retryAfterSeconds } = error;
    if (retryAfterSeconds === undefined) throw new RetryableError('Telegram is not available', 0, { cause: error });
    pace.pause(chatId, retryAfterSeconds);
    throw new PostponedError('Telegram asks for a pause', retryAfterSeconds);
  }
}

function outcomeOf(error: TelegramRefusedError, { jobId, log }: Pick<DeliveryContext, 'jobId' | 'log'>): Undeliverable {
  if (error.refusal === 'token') throw new RetryableError('the token is refused', 0, { cause: error });
  log.warn({ err: error, jobId }, 'the chat was not told');
  return error.refusal === 'chat-closed' ? 'chat-closed' : 'refused';
}
