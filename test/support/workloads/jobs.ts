import { type Job, uploadKeyOf } from '@stepkube/shared/contracts/messages.ts';

/** A job of user 7000000042, from message 7 of chat 42. @param jobId 32 hexadecimal digits */
export const jobOf = (jobId: string): Job => ({
  version: 1,
  jobId,
  pictureKey: uploadKeyOf(jobId),
  replyTo: { chatId: 42, messageId: 7 },
  userId: '7000000042',
  requestedAt: '2026-11-22T10:00:00.000Z',
});
