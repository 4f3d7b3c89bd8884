import { type Job, pictureKeyOf } from '@stepkube/shared/contracts/contracts.ts';

/** A job of person 7000000042, to be answered in chat 42 under message 7. @param jobId 32 hexadecimal digits */
export const jobOf = (jobId: string): Job => ({
  version: 1,
  jobId,
  pictureKey: pictureKeyOf(jobId),
  replyTo: { chatId: 42, messageId: 7 },
  userId: '7000000042',
  requestedAt: '2026-11-22T10:00:00.000Z',
});
