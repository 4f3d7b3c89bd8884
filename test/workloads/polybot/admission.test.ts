import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerCloud, startLedgerCloud } from '#support/workloads/notification-log-cloud.ts';
import { Admission } from '#workloads/polybot/src/admission.ts';
import { jobOf } from '#workloads/polybot/src/job.ts';

const token = '123456:token';
const midday = Date.parse('2026-11-22T12:00:00.000Z');

let cloud: LedgerCloud;
let now: number;
beforeAll(async () => {
  cloud = await startLedgerCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(async () => {
  await cloud.clear();
  now = midday;
});

const pod = (picturesPerMinute = 3) =>
  new Admission({ dynamoDb: cloud.dynamoDb, table: cloud.table, token, picturesPerMinute, now: () => now });
const jobFrom = (userId: number, messageId: number) =>
  jobOf({ token, chatId: userId, messageId, userId, sentAtSeconds: midday / 1000 });
const admitted = async (admission: Admission, userId: number, count: number) => {
  const jobs = Array.from({ length: count }, (_, index) => jobFrom(userId, index + 1));
  return (await Promise.all(jobs.map((job) => admission.admit(job)))).filter(Boolean).length;
};

describe('Admission', () => {
  it('takes no more pictures of a person in a minute than it may, over all pods', async () => {
    const [one, other] = [pod(), pod()];
    const jobs = [1, 2, 3, 4, 5, 6].map((messageId) => jobFrom(42, messageId));
    const outcomes = await Promise.all(jobs.map((job, index) => (index % 2 === 0 ? one : other).admit(job)));
    expect(outcomes.filter(Boolean)).toHaveLength(3);
  });

  it('counts each person alone', async () => {
    expect([await admitted(pod(), 1, 4), await admitted(pod(), 2, 4)]).toEqual([3, 3]);
  });

  it('counts anew in the next minute, and says when that is', async () => {
    const admission = pod();
    now = midday + 18_000;
    expect([await admitted(admission, 42, 3), admission.retryAfterSeconds]).toEqual([3, 42]);
    expect(await admission.admit(jobFrom(42, 4))).toBe(false);
    now = midday + 60_000;
    expect([await admission.admit(jobFrom(42, 4)), admission.retryAfterSeconds]).toEqual([true, 60]);
  });

  it('counts a message once, however often it comes, and lets it in again when the minute is full', async () => {
    const admission = pod();
    const job = jobFrom(42, 1);
    for (let delivery = 1; delivery <= 5; delivery += 1) expect(await admission.admit(job)).toBe(true);
    expect(await admission.admit(jobFrom(42, 2))).toBe(true);
    expect(await admission.admit(jobFrom(42, 3))).toBe(true);
    expect(await admission.admit(jobFrom(42, 4))).toBe(false);
    expect(await admission.admit(job)).toBe(true);
  });

  it('tells a person once in a minute, whichever pod it is', async () => {
    const [one, other] = [pod(), pod()];
    const told: string[] = [];
    const tell = (admission: Admission, userId: string) =>
      admission.tellOnce(userId, async () => void told.push(userId));
    await tell(one, '42');
    await tell(other, '42');
    await tell(one, '43');
    expect(told).toEqual(['42', '43']);
    now = midday + 60_000;
    await tell(other, '42');
    expect(told).toEqual(['42', '43', '42']);
  });

  it('tells again what could not be told', async () => {
    const admission = pod();
    await expect(admission.tellOnce('42', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    const told: string[] = [];
    await admission.tellOnce('42', async () => void told.push('42'));
    expect(told).toEqual(['42']);
  });

  it('writes nobody down: everything expires, and nothing names the person', async () => {
    await admitted(pod(), 7_000_000_042, 4);
    const { Items = [] } = await cloud.dynamoDb.send(new ScanCommand({ TableName: cloud.table }));
    expect(Items).toHaveLength(4);
    for (const { expiresAtSeconds } of Items) expect(expiresAtSeconds).toBeGreaterThan(midday / 1000);
    expect(JSON.stringify(Items)).not.toContain('7000000042');
  });
});
