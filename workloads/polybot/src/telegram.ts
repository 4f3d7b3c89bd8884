import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { type Telegram, TelegramError } from 'telegraf';
import { type Refusal, refusalOf } from './refusal.ts';

/** Telegram refused the call, and would refuse it again: a wrong request, a blocked bot, a deleted chat. */
export class TelegramRefusedError extends Error {
  override readonly name = 'TelegramRefusedError';
  readonly method: string;
  readonly code: number;
  readonly refusal: Refusal;
  /** The chat's new id, when the refusal is 'moved'. */
  readonly movedTo: number | undefined;

  constructor(method: string, code: number, description: string, movedTo?: number) {
    super(`${method}: ${code} ${description}`);
    this.method = method;
    this.code = code;
    this.refusal = refusalOf(code, description, movedTo);
    this.movedTo = movedTo;
  }
}

/** Telegram could not be reached, failed, or asked to slow down. */
export class TelegramUnavailableError extends Error {
  override readonly name = 'TelegramUnavailableError';
  readonly retryAfterSeconds: number | undefined;

  constructor(method: string, reason: string, retryAfterSeconds?: number) {
    super(`${method}: ${reason}`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type Api = Telegram['callApi'];
const callTimeoutMilliseconds = 30_000;

/**
 * Calls the Bot API with a timeout. telegraf's own errors are never passed on: they contain the whole payload (images, chats,
 * the webhook's secret), and its network errors quote a URL with the token.
 * @throws TelegramRefusedError, TelegramUnavailableError
 */
export async function call<M extends Parameters<Api>[0]>(
  telegram: Telegram,
  method: M,
  payload: Parameters<typeof telegram.callApi<M>>[1],
  abortSignal?: AbortSignal,
): Promise<Awaited<ReturnType<typeof telegram.callApi<M>>>> {
  const timeout = AbortSignal.timeout(callTimeoutMilliseconds);
  const signal = abortSignal === undefined ? timeout : AbortSignal.any([timeout, abortSignal]);
  try {
    return (await telegram.callApi(method, payload, { signal: signal as never })) as Awaited<
      ReturnType<typeof telegram.callApi<M>>
    >;
  } catch (error) {
    abortSignal?.throwIfAborted();
    throw describe(method, error, timeout.aborted);
  }
}

function describe(method: string, error: unknown, timedOut: boolean): Error {
  if (timedOut) return new TelegramUnavailableError(method, `no answer in ${callTimeoutMilliseconds / 1000} s`);
  if (!(error instanceof TelegramError)) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    return new TelegramUnavailableError(method, `network error${code === undefined ? '' : ` ${code}`}`);
  }
  if (error.code === 429)
    return new TelegramUnavailableError(method, 'too many requests', error.parameters?.retry_after ?? 5);
  if (error.code >= 500) return new TelegramUnavailableError(method, `Telegram answered ${error.code}`);
  return new TelegramRefusedError(method, error.code, error.description, error.parameters?.migrate_to_chat_id);
}

/** The message to reply to. */
export interface ReplyTo {
  readonly chatId: number;
  readonly messageId: number;
}

export const replyParameters = ({ messageId }: ReplyTo) => ({
  message_id: messageId,
  // The user may have deleted the message.
  allow_sending_without_reply: true,
});

/** Sends a text as a reply. @throws TelegramRefusedError, TelegramUnavailableError */
export async function sendReply(
  telegram: Telegram,
  replyTo: ReplyTo,
  text: string,
  abortSignal?: AbortSignal,
): Promise<void> {
  await inChat(replyTo, (to) =>
    call(telegram, 'sendMessage', { chat_id: to.chatId, text, reply_parameters: replyParameters(to) }, abortSignal),
  );
}

/** Sends to a chat, or to where the chat has moved: a group that becomes a supergroup gets another id. */
export async function inChat<T>(replyTo: ReplyTo, send: (replyTo: ReplyTo) => Promise<T>): Promise<T> {
  try {
    return await send(replyTo);
  } catch (error) {
    if (!(error instanceof TelegramRefusedError) || error.movedTo === undefined) throw error;
    return send({ ...replyTo, chatId: error.movedTo });
  }
}

/** Unless Telegram asks for a longer pause. */
const maxPauseSeconds = 60;

/**
 * Retries a call while Telegram is unavailable, without a limit.
 * @throws every other error of `work`, and the signal's reason
 */
export async function whenAvailable<T>(work: () => Promise<T>, signal: AbortSignal, log: Log): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TelegramUnavailableError)) throw error;
      const pauseSeconds = error.retryAfterSeconds ?? Math.min(maxPauseSeconds, 2 ** attempt);
      log.warn({ err: error, pauseSeconds }, 'Telegram is not available');
      await wait(pauseSeconds * 1000, undefined, { signal });
    }
  }
}
