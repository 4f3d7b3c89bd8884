import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NotificationLogCloud, startNotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { Admission, type AdmissionOutcome } from '#workloads/polybot/src/admission.ts';
import { jobOf } from '#workloads/polybot/src/job.ts';

const token = '123456:token';
const midday = Date.parse('2026-11-22T12:00:00.000Z');

let cloud: NotificationLogCloud;
let now: number;
beforeAll(async () => {
  cloud = await startNotificationLogCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(async () => {
  await cloud.clear();
  now = midday;
});

const pod = (picturesPerMinute = 3) =>
  new Admission({
    dynamoDb: cloud.dynamoDb,
    table: cloud.table,
    token,
    plan: 'free',
    picturesPerMinute,
    textsPerMinute: 2,
    now: () => now,
  });
/** Sent now. */
const jobFrom = (userId: number, messageId: number, sentAt = now) =>
  jobOf({ token, chatId: userId, messageId, userId: String(userId), sentAtSeconds: sentAt / 1000 });
const isAdmitted = (outcome: AdmissionOutcome) => outcome === 'admitted';
const admitted = async (limiter: Admission, userId: number, count: number) => {
  const jobs = Array.from({ length: count }, (_, index) => jobFrom(userId, index + 1));
  return (await Promise.all(jobs.map((job) => limiter.admit(job)))).filter(isAdmitted).length;
};

describe('Admission', () => {
  it('Admission admits no more than picturesPerMinute images of a sender over all pods', async () => {
    const [one, other] = [pod(), pod()];
    const jobs = [1, 2, 3, 4, 5, 6].map((messageId) => jobFrom(42, messageId));
    const outcomes = await Promise.all(jobs.map((job, index) => (index % 2 === 0 ? one : other).admit(job)));
    expect(outcomes.filter(isAdmitted)).toHaveLength(3);
  });

  it('Admission counts each sender separately', async () => {
    expect([await admitted(pod(), 1, 4), await admitted(pod(), 2, 4)]).toEqual([3, 3]);
  });

  it('Admission starts a new count with each clock minute and knows when that is', async () => {
    const limiter = pod();
    now = midday + 18_000;
    expect([await admitted(limiter, 42, 3), limiter.retryAfterSeconds]).toEqual([3, 42]);
    expect(await limiter.admit(jobFrom(42, 4))).toBe('too-many-a-minute');
    now = midday + 60_000;
    expect([await limiter.admit(jobFrom(42, 4)), limiter.retryAfterSeconds]).toEqual(['admitted', 60]);
  });

  it('Admission takes six images that were sent two minutes apart and are delivered together after an outage', async () => {
    const limiter = pod();
    const jobs = [0, 2, 4, 6, 8, 10].map((minutes) => jobFrom(42, minutes + 1, midday - minutes * 60_000));
    const outcomes = await Promise.all(jobs.map((job) => limiter.admit(job)));
    expect(outcomes).toEqual(jobs.map(() => 'admitted'));
  });

  it('Admission counts repeated deliveries of a message once and admits them again', async () => {
    const limiter = pod();
    const job = jobFrom(42, 1);
    for (let delivery = 1; delivery <= 5; delivery += 1) expect(await limiter.admit(job)).toBe('admitted');
    expect(await limiter.admit(jobFrom(42, 2))).toBe('admitted');
    expect(await limiter.admit(jobFrom(42, 3))).toBe('admitted');
    expect(await limiter.admit(jobFrom(42, 4))).toBe('too-many-a-minute');
    expect(await limiter.admit(job)).toBe('admitted');
  });

  it('tellOncePerMinute tells each sender once per minute over all pods', async () => {
    const [one, other] = [pod(), pod()];
    const told: string[] = [];
    const tell = (limiter: Admission, userId: string) =>
      limiter.tellOncePerMinute(jobFrom(Number(userId), 1), async () => void told.push(userId));
    await tell(one, '42');
    await tell(other, '42');
    await tell(one, '43');
    expect(told).toEqual(['42', '43']);
    now = midday + 60_000;
    await tell(other, '42');
    expect(told).toEqual(['42', '43', '42']);
  });

  it('tellOncePerMinute tells again after a failure', async () => {
    const limiter = pod();
    await expect(limiter.tellOncePerMinute(jobFrom(42, 1), () => Promise.reject(new Error('away')))).rejects.toThrow(
      'away',
    );
    const told: string[] = [];
    await limiter.tellOncePerMinute(jobFrom(42, 1), async () => void told.push('42'));
    expect(told).toEqual(['42']);
  });

  it('every item of the Admission expires and none contains the user id', async () => {
    await admitted(pod(), 7_000_000_042, 4);
    const { Items = [] } = await cloud.dynamoDb.send(new ScanCommand({ TableName: cloud.table }));
    expect(Items).toHaveLength(5);
    for (const { expiresAtSeconds } of Items) expect(expiresAtSeconds).toBeGreaterThan(midday / 1000);
    expect(JSON.stringify(Items)).not.toContain('7000000042');
  });

  it('Admission refuses pictures beyond the quota of a calendar month, and takes them again in the next one', async () => {
    const limiter = pod(600);
    expect(await admitted(limiter, 42, 201)).toBe(200);
    expect(await limiter.admit(jobFrom(42, 300))).toBe('quota');
    expect(await limiter.admit(jobFrom(43, 1))).toBe('admitted');
    expect(await limiter.quotaOf('42')).toEqual({ plan: 'free', picturesPerMonth: 200, remaining: 0 });
    now = Date.parse('2026-12-01T00:00:01.000Z');
    expect(await limiter.admit(jobFrom(42, 301))).toBe('admitted');
    expect(await limiter.quotaOf('42')).toMatchObject({ remaining: 199 });
  });

  it('Admission counts a picture in the month in which it was sent', async () => {
    now = Date.parse('2026-12-01T00:00:01.000Z');
    expect(await pod().admit(jobFrom(42, 1, midday))).toBe('admitted');
    expect(await pod().quotaOf('42')).toMatchObject({ remaining: 200 });
  });

  it('giveBack takes a picture out of the month once, however often it is called', async () => {
    const limiter = pod();
    const job = jobFrom(42, 1);
    await limiter.admit(job);
    await limiter.admit(jobFrom(42, 2));
    await Promise.all([limiter.giveBack(job.jobId), limiter.giveBack(job.jobId)]);
    await limiter.giveBack(job.jobId);
    await limiter.giveBack('f'.repeat(32));
    expect(await limiter.quotaOf('42')).toMatchObject({ remaining: 199 });
  });

  it('Admission limits texts for themselves: pictures are still taken', async () => {
    const sent = { userId: '42', requestedAt: new Date(midday).toISOString() };
    const outcomes = [await pod().admitText(sent), await pod().admitText(sent), await pod().admitText(sent)];
    expect(outcomes).toEqual([true, true, false]);
    expect(await pod().admit(jobFrom(42, 1))).toBe('admitted');
  });
});
