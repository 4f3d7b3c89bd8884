import { createHash } from 'node:crypto';
import { jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { describe, expect, it } from 'vitest';
import { jobOf } from '#workloads/polybot/src/job.ts';

const message = {
  token: '123:secret',
  chatId: -1001,
  messageId: 7,
  userId: '7000000042',
  sentAtSeconds: 1_795_341_600,
};

describe('jobOf', () => {
  it('the job of a message is deterministic and matches its schema', () => {
    const job = jobOf(message);
    expect(jobOf({ ...message })).toEqual(job);
    expect(jobSchema.parse(job)).toEqual(job);
    expect(job).toMatchObject({
      userId: '7000000042',
      requestedAt: '2026-11-22T10:00:00.000Z',
      replyTo: { chatId: -1001, messageId: 7 },
      pictureKey: `uploads/${job.jobId}`,
    });
  });

  it('job ids differ for different messages, chats and bots', () => {
    const others = [{ messageId: 8 }, { chatId: -1002 }, { token: '123:other' }, { chatId: -100, messageId: 17 }];
    const ids = [message, ...others.map((other) => ({ ...message, ...other }))].map((one) => jobOf(one).jobId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('job ids cannot be computed without the bot token', () => {
    const guesses = ['-1001/7', '123/-1001/7', '7000000042/-1001/7', '-1001'].map((text) =>
      createHash('sha256').update(text).digest('hex').slice(0, 32),
    );
    expect(guesses).not.toContain(jobOf(message).jobId);
  });
});
