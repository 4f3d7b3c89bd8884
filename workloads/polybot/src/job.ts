import { createHmac } from 'node:crypto';
import { type Job, pictureKeyOf } from '@stepkube/shared/contracts/contracts.ts';

/**
 * The job of one message. Everything in it derives from the message, so however often Telegram delivers it, there is
 * one picture in the bucket, one id in the queue and one event. The id is keyed with the bot's token: analysts see it
 * in the events, and could otherwise find the chat by trying all chats.
 */
export function jobOf(message: {
  readonly token: string;
  readonly chatId: number;
  readonly messageId: number;
  readonly userId: number;
  /** Telegram's `date`: seconds since 1970. */
  readonly sentAtSeconds: number;
}): Job {
  const { token, chatId, messageId, userId, sentAtSeconds } = message;
  const jobId = createHmac('sha256', token).update(`${chatId}/${messageId}`).digest('hex').slice(0, 32);
  return {
    version: 1,
    jobId,
    pictureKey: pictureKeyOf(jobId),
    replyTo: { chatId, messageId },
    userId: String(userId),
    requestedAt: new Date(sentAtSeconds * 1000).toISOString(),
  };
}
