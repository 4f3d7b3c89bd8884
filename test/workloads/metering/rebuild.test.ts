import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { PartitionBusyError, rebuild } from '@stepkube/shared/events/rebuild.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { completed, failed } from '#support/workloads/metering-events.ts';
import { openUsageStore, type UsageStore } from '#workloads/metering/src/usage-events.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');
const Key = { pk: 'user#42', sk: 'day#2026-11-22' };

let cloud: EventsCloud;
let store: UsageStore;
beforeEach(async () => {
  cloud = await startEventsCloud();
  store = openUsageStore({ dynamoDb: cloud.dynamoDb, table: cloud.table, retentionDays: 14, now: () => now });
  await store.append(completed());
  await store.append(failed());
});
afterEach(() => cloud[Symbol.asyncDispose]());

/** Adds to a counter without an event. */
const falsify = (pictures = 1) =>
  cloud.dynamoDb.send(
    new UpdateCommand({
      TableName: cloud.table,
      Key,
      UpdateExpression: 'ADD pictures :n',
      ExpressionAttributeValues: { ':n': pictures },
    }),
  );

describe('rebuild', () => {
  it('rebuild reports no differences when all projections are the sums of their events', async () => {
    const report = await rebuild(store, { dryRun: false });
    expect(report).toEqual({ partitions: 1, events: 2, projections: 1, differences: [] });
  });

  it('rebuild replaces a wrong projection, and a dry run only reports it', async () => {
    const right = JSON.stringify(await cloud.items());
    await falsify();
    const wrong = JSON.stringify(await cloud.items());
    const dry = await rebuild(store, { dryRun: true });
    expect(dry.differences).toEqual([
      {
        partition: 'user#42',
        day: '2026-11-22',
        stored: '["2026-11-22",[["bytes",1010],["failures",1],["inferenceMicroseconds",50000],["pictures",2]]]',
        rebuilt: '["2026-11-22",[["bytes",1010],["failures",1],["inferenceMicroseconds",50000],["pictures",1]]]',
      },
    ]);
    expect(JSON.stringify(await cloud.items())).toBe(wrong);
    expect((await rebuild(store, { dryRun: false })).differences).toEqual(dry.differences);
    expect(JSON.stringify(await cloud.items())).toBe(right);
  });

  it('rebuild creates a missing projection and deletes one without events', async () => {
    const right = JSON.stringify(await cloud.items());
    await cloud.dynamoDb.send(new DeleteCommand({ TableName: cloud.table, Key }));
    const orphan = { ...Key, sk: 'day#2026-11-20', pictures: 3, expiresAtSeconds: now };
    await cloud.dynamoDb.send(new PutCommand({ TableName: cloud.table, Item: orphan }));
    const { differences } = await rebuild(store, { dryRun: false });
    expect(differences.map(({ day, stored, rebuilt }) => [day, stored === undefined, rebuilt === undefined])).toEqual([
      ['2026-11-20', false, true],
      ['2026-11-22', true, false],
    ]);
    expect(JSON.stringify(await cloud.items())).toBe(right);
  });

  it('rebuild keeps events that arrive while it runs', async () => {
    await falsify();
    const eventsOf = store.eventsOf.bind(store);
    let reads = 0;
    store.eventsOf = async function* (pk, signal) {
      reads += 1;
      if (reads === 1) await store.append(completed({ eventId: 'd'.repeat(32), bytes: 5 }));
      yield* eventsOf(pk, signal);
    };
    const { differences } = await rebuild(store, { dryRun: false });
    expect([reads, differences.length]).toEqual([2, 1]);
    expect(await store.projectionsOf('user#42')).toEqual([
      { day: '2026-11-22', counters: { pictures: 2, bytes: 1015, inferenceMicroseconds: 100_000, failures: 1 } },
    ]);
  });

  it.each([true, false])(
    'rebuild throws PartitionBusyError when a partition keeps changing (dry run: %s)',
    async (dryRun) => {
      await falsify();
      const eventsOf = store.eventsOf.bind(store);
      store.eventsOf = async function* (pk, signal) {
        await falsify();
        yield* eventsOf(pk, signal);
      };
      await expect(rebuild(store, { dryRun })).rejects.toThrow(PartitionBusyError);
    },
  );
});
