import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerCloud, startLedgerCloud } from '#support/workloads/notification-log-cloud.ts';
import { Ledger, type Saying } from '#workloads/polybot/src/notification-log.ts';

let cloud: LedgerCloud;
let ledger: Ledger;
beforeAll(async () => {
  cloud = await startLedgerCloud();
  ledger = new Ledger(cloud.dynamoDb, cloud.table);
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(() => cloud.clear());

/** Tries to say these things about one job, one after the other. @returns what was said */
async function said(...sayings: readonly Saying[]): Promise<readonly (Saying | undefined)[]> {
  const outcomes: (Saying | undefined)[] = [];
  for (const saying of sayings) outcomes.push(await ledger.say('a', saying, async () => saying));
  return outcomes;
}

describe('Ledger', () => {
  it.each([
    { sayings: ['answer', 'answer'], outcomes: ['answer', undefined] },
    { sayings: ['late', 'late', 'answer'], outcomes: ['late', undefined, 'answer'] },
    { sayings: ['answer', 'late', 'failed'], outcomes: ['answer', undefined, undefined] },
    { sayings: ['late', 'failed', 'late'], outcomes: ['late', 'failed', undefined] },
    { sayings: ['failed', 'answer'], outcomes: ['failed', 'answer'] },
  ] as const)('of $sayings says $outcomes', async ({ sayings, outcomes }) => {
    expect(await said(...sayings)).toEqual(outcomes);
  });

  it('keeps jobs apart', async () => {
    expect(await ledger.say('a', 'answer', async () => 1)).toBe(1);
    expect(await ledger.say('b', 'answer', async () => 2)).toBe(2);
  });

  it('lets others wait while one is at it, and says nothing twice', async () => {
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = ledger.say('a', 'answer', async () => {
      started.resolve();
      await release.promise;
      return 'first';
    });
    await started.promise;
    await expect(ledger.say('a', 'answer', async () => 'second')).rejects.toMatchObject({
      name: 'TryAgainError',
      afterSeconds: expect.toSatisfy((seconds: number) => seconds > 60 && seconds <= 120),
    });
    release.resolve();
    expect(await first).toBe('first');
    expect(await ledger.say('a', 'answer', async () => 'second')).toBeUndefined();
  });

  it('lets the next one try when saying it failed', async () => {
    await expect(ledger.say('a', 'answer', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await said('answer')).toEqual(['answer']);
  });

  it('takes over from a pod that ended while it was at it', async () => {
    const claimedUntil = Date.now() / 1000 - 1;
    await cloud.dynamoDb.send(new PutCommand({ TableName: cloud.table, Item: { pk: 'job#a', claimedUntil } }));
    expect(await said('answer')).toEqual(['answer']);
  });
});
