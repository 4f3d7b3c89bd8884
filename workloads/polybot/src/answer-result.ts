import type { Result } from '@stepkube/shared/contracts/messages.ts';
import { ImageNotFoundError, type ImageStore } from '@stepkube/shared/service/image-store.ts';
import type { Telegram } from 'telegraf';
import { call, inChat, type ReplyTo, replyParameters, sendReply, TelegramRefusedError } from './telegram.ts';
import { captionOf, rejectionText, wording } from './wording.ts';

export type AnswerOutcome = 'answered' | 'rejected' | 'failed' | 'interrupted';

export interface AnswerResultOptions {
  readonly result: Result;
  readonly telegram: Telegram;
  readonly images: Pick<ImageStore, 'get'>;
  readonly signal: AbortSignal;
}

/**
 * Sends a result to the chat, as a reply to the image's message.
 * @throws TelegramRefusedError, TelegramUnavailableError
 */
export async function answerResult(options: AnswerResultOptions): Promise<AnswerOutcome> {
  const { result, telegram, signal } = options;
  const reply = (text: string) => sendReply(telegram, result.replyTo, text, signal);
  switch (result.status) {
    case 'rejected':
      await reply(rejectionText(result));
      return 'rejected';
    case 'failed':
      await reply(wording.failed);
      return 'failed';
    case 'completed':
      return answerCompleted(result, options, reply);
  }
}

/**
 * Telegram keeps no key of a message by which a repetition is recognized: when a pod was lost while sending, the answer may be there. It
 * is not sent twice, and nobody waits for one that is lost.
 * @throws TelegramRefusedError, TelegramUnavailableError
 */
export async function sayThatInterrupted({ result, telegram, signal }: AnswerResultOptions): Promise<AnswerOutcome> {
  await sendReply(telegram, result.replyTo, wording.interrupted, signal);
  return 'interrupted';
}

async function answerCompleted(
  result: Extract<Result, { status: 'completed' }>,
  { telegram, images, signal }: AnswerResultOptions,
  reply: (text: string) => Promise<void>,
): Promise<AnswerOutcome> {
  const caption = captionOf(result.detections);
  let image: Buffer;
  try {
    image = await images.get(result.annotatedKey, signal);
  } catch (error) {
    if (!(error instanceof ImageNotFoundError)) throw error;
    await reply(caption);
    return 'answered';
  }
  try {
    await inChat(result.replyTo, (replyTo) => sendImage({ telegram, replyTo, caption, image, signal }));
  } catch (error) {
    // Without the right to send pictures, the list is the answer; so it is when no form of the picture is accepted.
    if (!(error instanceof TelegramRefusedError) || !['no-media', 'not-as-photo', 'other'].includes(error.refusal))
      throw error;
    await reply(caption);
  }
  return 'answered';
}

/** As a photo; what Telegram does not take as a photo, such as very long and narrow ones, as a file. */
async function sendImage({ telegram, replyTo, caption, image, signal }: SentImage): Promise<void> {
  const upload = {
    chat_id: replyTo.chatId,
    caption,
    // In multipart forms telegraf drops objects it does not know; Telegram accepts them as JSON text.
    reply_parameters: JSON.stringify(replyParameters(replyTo)) as never,
  };
  const file = { source: image, filename: 'objects.jpg' };
  try {
    await call(telegram, 'sendPhoto', { ...upload, photo: file as never }, signal);
  } catch (error) {
    if (!(error instanceof TelegramRefusedError) || !['not-as-photo', 'other'].includes(error.refusal)) throw error;
    await call(telegram, 'sendDocument', { ...upload, document: file as never }, signal);
  }
}

interface SentImage {
  readonly telegram: Telegram;
  readonly replyTo: ReplyTo;
  readonly caption: string;
  readonly image: Buffer;
  readonly signal: AbortSignal;
}
