import type { Telegram } from 'telegraf';
import type { Result } from '../../shared/contracts.ts';
import type { Log } from '../../shared/logger.ts';
import { PictureMissingError, type Pictures } from '../../shared/pictures.ts';
import { TryAgainError } from '../../shared/queue-consumer.ts';
import { call, TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';
import { captionOf, rejectionText } from './wording.ts';

export type AnswerOutcome = 'answered' | 'rejected' | 'chat-closed' | 'refused';

/**
 * Sends one result to the chat, as a reply to the picture's message.
 * @throws TryAgainError when Telegram cannot be reached, asks to slow down or refuses the bot's token.
 */
export async function answerResult(options: {
  readonly result: Result;
  readonly telegram: Telegram;
  readonly pictures: Pictures;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<AnswerOutcome> {
  const { result, log } = options;
  try {
    return await send(options);
  } catch (error) {
    if (error instanceof TelegramUnavailableError)
      throw new TryAgainError('the result could not be sent', error.retryAfterSeconds ?? 0, { cause: error });
    if (!(error instanceof TelegramRefusedError)) throw error;
    if (error.tokenRefused) throw new TryAgainError('the token is refused', 0, { cause: error });
    // Nobody is there to be answered, or the answer can never be sent: repeating it would only fill the queue.
    log.warn({ err: error, jobId: result.jobId }, 'the answer was refused');
    return error.chatClosed ? 'chat-closed' : 'refused';
  }
}

async function send({
  result,
  telegram,
  pictures,
  signal,
}: Parameters<typeof answerResult>[0]): Promise<AnswerOutcome> {
  const { chatId, messageId } = result.replyTo;
  const reply = { message_id: messageId, allow_sending_without_reply: true };
  const say = (text: string) =>
    call(telegram, 'sendMessage', { chat_id: chatId, text, reply_parameters: reply }, signal);
  if (result.status === 'rejected') {
    await say(rejectionText(result.reason));
    return 'rejected';
  }
  const caption = captionOf(result.detections);
  let picture: Buffer;
  try {
    picture = await pictures.get(result.annotatedKey, signal);
  } catch (error) {
    if (!(error instanceof PictureMissingError)) throw error;
    await say(caption);
    return 'answered';
  }
  const upload = {
    chat_id: chatId,
    caption,
    // In a form, telegraf drops objects it does not know; Telegram takes them as JSON text.
    reply_parameters: JSON.stringify(reply) as never,
  };
  const file = { source: picture, filename: 'objects.jpg' };
  try {
    await call(telegram, 'sendPhoto', { ...upload, photo: file as never }, signal);
  } catch (error) {
    // Telegram takes no photo that is very long and narrow, but takes it as a file.
    if (!(error instanceof TelegramRefusedError) || error.code !== 400) throw error;
    await call(telegram, 'sendDocument', { ...upload, document: file as never }, signal);
  }
  return 'answered';
}
