import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NotificationLogCloud, startNotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { type Notification, NotificationLog } from '#workloads/polybot/src/notification-log.ts';

let cloud: NotificationLogCloud;
let log: NotificationLog;
beforeAll(async () => {
  cloud = await startNotificationLogCloud();
  log = new NotificationLog(cloud.dynamoDb, cloud.table);
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(() => cloud.clear());

/** Attempts these notifications about one job in their order. @returns those that were sent, undefined for the others */
async function sent(...notifications: readonly Notification[]): Promise<readonly (Notification | undefined)[]> {
  const outcomes: (Notification | undefined)[] = [];
  for (const notification of notifications)
    outcomes.push(await log.notifyOnce('a', notification, async () => notification));
  return outcomes;
}

describe('NotificationLog', () => {
  it.each([
    { attempts: ['answer', 'answer'], outcomes: ['answer', undefined] },
    { attempts: ['late', 'late', 'answer'], outcomes: ['late', undefined, 'answer'] },
    { attempts: ['answer', 'late', 'failed'], outcomes: ['answer', undefined, undefined] },
    { attempts: ['late', 'failed', 'late'], outcomes: ['late', 'failed', undefined] },
    { attempts: ['failed', 'answer'], outcomes: ['failed', 'answer'] },
  ] as const)('of the notifications $attempts about a job $outcomes are sent', async ({ attempts, outcomes }) => {
    expect(await sent(...attempts)).toEqual(outcomes);
  });

  it('NotificationLog keeps jobs separate', async () => {
    expect(await log.notifyOnce('a', 'answer', async () => 1)).toBe(1);
    expect(await log.notifyOnce('b', 'answer', async () => 2)).toBe(2);
  });

  it('a concurrent notification about a job is retryable while the first one is being sent, and not sent twice', async () => {
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = log.notifyOnce('a', 'answer', async () => {
      started.resolve();
      await release.promise;
      return 'first';
    });
    await started.promise;
    await expect(log.notifyOnce('a', 'answer', async () => 'second')).rejects.toMatchObject({
      name: 'RetryableError',
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 20 && seconds <= 30),
    });
    release.resolve();
    expect(await first).toBe('first');
    expect(await log.notifyOnce('a', 'answer', async () => 'second')).toBeUndefined();
  });

  it('a notification can be sent again after sending it failed', async () => {
    await expect(log.notifyOnce('a', 'answer', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await sent('answer')).toEqual(['answer']);
  });

  it('a job whose answer could not be sent yet gets no message that it takes longer', async () => {
    await expect(log.notifyOnce('a', 'answer', () => Promise.reject(new Error('429')))).rejects.toThrow('429');
    expect(await sent('late', 'answer')).toEqual([undefined, 'answer']);
  });

  it('a claim whose answer was lost meets itself when the client writes again, and is its own', async () => {
    const send = cloud.dynamoDb.send.bind(cloud.dynamoDb);
    const repeating = Object.assign(Object.create(cloud.dynamoDb), {
      // As the SDK does when an answer does not arrive.
      send: async (command: never) => {
        await send(command);
        return send(command);
      },
    });
    const twice = new NotificationLog(repeating, cloud.table);
    expect(await twice.notifyOnce('a', 'answer', async () => 'sent')).toBe('sent');
  });

  it('what was said is noted again until it is noted', async () => {
    let failures = 2;
    const send = cloud.dynamoDb.send.bind(cloud.dynamoDb);
    const failing = Object.assign(Object.create(cloud.dynamoDb), {
      send: async (command: { input: { UpdateExpression?: string } }) => {
        if (command.input.UpdateExpression?.startsWith('SET notified') && failures-- > 0) throw new Error('away');
        return send(command as never);
      },
    });
    expect(await new NotificationLog(failing, cloud.table).notifyOnce('a', 'answer', async () => 1)).toBe(1);
    expect(await sent('answer')).toEqual([undefined]);
  });

  it('a claim that could not be ended is ended as soon as the table answers: the answer is not in doubt', async () => {
    let failures = 2;
    const send = cloud.dynamoDb.send.bind(cloud.dynamoDb);
    const failing = Object.assign(Object.create(cloud.dynamoDb), {
      send: async (command: { input: { UpdateExpression?: string } }) => {
        if (command.input.UpdateExpression?.startsWith('REMOVE') && failures-- > 0) throw new Error('away');
        return send(command as never);
      },
    });
    const attempt = new NotificationLog(failing, cloud.table).notifyOnce('a', 'answer', () =>
      Promise.reject(new Error('429')),
    );
    await expect(attempt).rejects.toThrow('429');
    expect(await log.notifyOnce('a', 'answer', async (mayBeAnswered) => mayBeAnswered)).toBe(false);
  });

  it.each([
    { claimed: 'late', rank: 1, mayBeAnswered: false },
    { claimed: 'failed', rank: 2, mayBeAnswered: false },
    { claimed: 'answer', rank: 3, mayBeAnswered: true },
  ])(
    'the ended claim of a lost pod for $claimed is taken over, and an answer may have arrived: $mayBeAnswered',
    async ({ rank, mayBeAnswered }) => {
      const claimedUntil = Date.now() / 1000 - 1;
      const lost = { pk: 'job#a', claimedUntil, claimer: 'lost', claimed: rank };
      await cloud.dynamoDb.send(new PutCommand({ TableName: cloud.table, Item: lost }));
      expect(await log.notifyOnce('a', 'answer', async (given) => given)).toBe(mayBeAnswered);
      expect(await sent('answer')).toEqual([undefined]);
    },
  );

  it('the doubt stays when telling of it fails: the answer is not sent by the next attempt', async () => {
    const lost = { pk: 'job#a', claimedUntil: Date.now() / 1000 - 1, claimer: 'lost', claimed: 3 };
    await cloud.dynamoDb.send(new PutCommand({ TableName: cloud.table, Item: lost }));
    await expect(log.notifyOnce('a', 'answer', () => Promise.reject(new Error('429')))).rejects.toThrow('429');
    expect(await log.notifyOnce('a', 'answer', async (mayBeAnswered) => mayBeAnswered)).toBe(true);
  });

  it('of two pods that find the ended claim of a lost one, one takes it over', async () => {
    const lost = { pk: 'job#a', claimedUntil: Date.now() / 1000 - 1, claimer: 'lost', claimed: 3 };
    await cloud.dynamoDb.send(new PutCommand({ TableName: cloud.table, Item: lost }));
    const other = new NotificationLog(cloud.dynamoDb, cloud.table);
    const outcomes = await Promise.allSettled(
      [log, other].map((each) => each.notifyOnce('a', 'answer', async () => 1)),
    );
    expect(
      outcomes.filter(({ status, ...rest }) => status === 'fulfilled' && 'value' in rest && rest.value === 1),
    ).toHaveLength(1);
  });
});
