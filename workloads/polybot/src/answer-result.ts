import type { Result } from '@stepkube/shared/contracts/contracts.ts';
import { PictureMissingError, type Pictures } from '@stepkube/shared/contracts/pictures.ts';
import type { Telegram } from 'telegraf';
import { call, replyParameters, sendReply, TelegramRefusedError } from './telegram.ts';
import { captionOf, rejectionText, wording } from './wording.ts';

export type AnswerOutcome = 'answered' | 'rejected' | 'failed';

/**
 * Sends one result to the chat, as a reply to the picture's message.
 * @throws TelegramRefusedError, TelegramUnavailableError
 */
export async function answerResult(options: {
  readonly result: Result;
  readonly telegram: Telegram;
  readonly pictures: Pictures;
  readonly signal: AbortSignal;
}): Promise<AnswerOutcome> {
  const { result, telegram, signal } = options;
  const say = (text: string) => sendReply(telegram, result.replyTo, text, signal);
  switch (result.status) {
    case 'rejected':
      await say(rejectionText(result.reason));
      return 'rejected';
    case 'failed':
      await say(wording.failed);
      return 'failed';
    case 'completed':
      return answerCompleted(result, options, say);
  }
}

async function answerCompleted(
  result: Extract<Result, { status: 'completed' }>,
  { telegram, pictures, signal }: Parameters<typeof answerResult>[0],
  say: (text: string) => Promise<void>,
): Promise<AnswerOutcome> {
  const { chatId } = result.replyTo;
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
    reply_parameters: JSON.stringify(replyParameters(result.replyTo)) as never,
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
