import { createHash } from 'node:crypto';
import { type Job, pictureKeyOf } from '../../shared/contracts.ts';

/**
 * The job of one message. The id derives from the message, so however often Telegram delivers it, there is one picture
 * in the bucket and one id in the queue; it does not tell the chat.
 */
export function jobOf(message: { readonly botId: number; readonly chatId: number; readonly messageId: number }): Job {
  const { botId, chatId, messageId } = message;
  const jobId = createHash('sha256').update(`${botId}/${chatId}/${messageId}`).digest('hex').slice(0, 32);
  return {
    version: 1,
    jobId,
    pictureKey: pictureKeyOf(jobId),
    replyTo: { chatId, messageId },
    requestedAt: new Date().toISOString(),
  };
}
