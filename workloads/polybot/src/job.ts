import { createHmac } from 'node:crypto';
import { type Job, uploadKeyOf } from '@stepkube/shared/contracts/messages.ts';

/** The fair queue's group of a sender. SQS shows it in its metrics, so it identifies nobody. */
export const groupIdOf = (token: string, userId: string): string =>
  createHmac('sha256', token).update(`group/${userId}`).digest('hex').slice(0, 32);

/**
 * The job of a message. It derives from the message only, so repeated deliveries lead to one object in the bucket, one job
 * id and one event. The id is an HMAC with the bot's token as key: analysts see it in the events and could otherwise find
 * the chat by hashing all chat ids.
 */
export function jobOf(message: {
  readonly token: string;
  readonly chatId: number;
  readonly messageId: number;
  /** senderIdOf the message. */
  readonly userId: string;
  /** Telegram's `date`: seconds since 1970. */
  readonly sentAtSeconds: number;
}): Job {
  const { token, chatId, messageId, userId, sentAtSeconds } = message;
  const jobId = createHmac('sha256', token).update(`${chatId}/${messageId}`).digest('hex').slice(0, 32);
  return {
    version: 1,
    jobId,
    pictureKey: uploadKeyOf(jobId),
    replyTo: { chatId, messageId },
    userId,
    requestedAt: new Date(sentAtSeconds * 1000).toISOString(),
  };
}
