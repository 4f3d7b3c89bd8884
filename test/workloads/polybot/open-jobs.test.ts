import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NotificationLogCloud, startNotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { jobOf } from '#workloads/polybot/src/job.ts';
import { maxOpenJobs, OpenJobs } from '#workloads/polybot/src/open-jobs.ts';

const token = '123456:token';

let cloud: NotificationLogCloud;
let now: number;
beforeAll(async () => {
  cloud = await startNotificationLogCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(async () => {
  await cloud.clear();
  now = Date.parse('2026-11-22T12:00:00.000Z');
});

const pod = () => new OpenJobs({ dynamoDb: cloud.dynamoDb, table: cloud.table, token, now: () => now });
const job = (messageId: number, userId = 7_000_000_042) =>
  jobOf({ token, chatId: userId, messageId, userId: String(userId), sentAtSeconds: now / 1000 });
const openAll = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => pod().open(job(index + 1))));

describe('OpenJobs', () => {
  it('a sender has at most an album of open jobs over all pods, and another sender has as many', async () => {
    const opened = await openAll(maxOpenJobs + 3);

    expect(opened.filter(Boolean)).toHaveLength(maxOpenJobs);
    expect(await pod().open(job(1, 43))).toBe(true);
  });

  it('a job that is open already is opened again without a second place', async () => {
    await openAll(maxOpenJobs - 1);
    expect([await pod().open(job(1)), await pod().open(job(50)), await pod().open(job(51))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('a closed job makes room for one, however often it is closed', async () => {
    await openAll(maxOpenJobs);
    await Promise.all([pod().close(job(1).jobId), pod().close(job(1).jobId)]);
    await pod().close(job(1).jobId);
    await pod().close('f'.repeat(32));

    expect([await pod().open(job(50)), await pod().open(job(51))]).toEqual([true, false]);
  });

  it('jobs that nothing was heard of for a quarter of an hour are forgotten', async () => {
    await openAll(maxOpenJobs);
    now += 900_000;
    expect(await pod().open(job(50))).toBe(false);
    now += 1_000;
    expect(await pod().open(job(50))).toBe(true);
    expect((await Promise.all([51, 52, 53].map((messageId) => pod().open(job(messageId))))).every(Boolean)).toBe(true);
  });

  it('every item expires and none contains the user id', async () => {
    await openAll(2);
    const { Items = [] } = await cloud.dynamoDb.send(new ScanCommand({ TableName: cloud.table }));

    expect(Items).toHaveLength(3);
    for (const { expiresAtSeconds } of Items) expect(expiresAtSeconds).toBeGreaterThan(now / 1000);
    expect(JSON.stringify(Items)).not.toContain('7000000042');
  });
});
