import type { MeteringEvent } from '@stepkube/shared/events/events.ts';
import { rebuild } from '@stepkube/shared/events/rebuild.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '#support/random.ts';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { completed, failed, forgotten, someEvents } from '#support/workloads/metering-events.ts';
import { expectedItems } from '#support/workloads/metering-soak.ts';
import { handleEvent } from '#workloads/metering/src/handle-event.ts';
import { openUsageStore } from '#workloads/metering/src/usage-events.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');
const retentionDays = 14;

let cloud: EventsCloud;
beforeEach(async () => {
  cloud = await startEventsCloud();
});
afterEach(() => cloud[Symbol.asyncDispose]());

function metering(nowMilliseconds = now) {
  const { dynamoDb, table } = cloud;
  const store = openUsageStore({ dynamoDb, table, retentionDays, now: () => nowMilliseconds });
  return {
    store,
    handle: (event: MeteringEvent) =>
      handleEvent(event, { store, dynamoDb, table, retentionDays }, new AbortController().signal),
  };
}
const keys = async () => (await cloud.items()).map(({ pk, sk }) => `${pk} ${sk}`);
const day = async (sk = 'day#2026-11-22') => (await cloud.items()).find((item) => item['sk'] === sk);

describe('predictions', () => {
  it('metering stores a prediction unchanged and counts it in its day', async () => {
    const { handle } = metering();
    expect(await handle(completed())).toBe('stored');
    expect(await handle(failed())).toBe('stored');
    // 15 days after the day's midnight: the day itself and the 14 days of retention.
    const expiresAtSeconds = Date.parse('2026-12-07T00:00:00Z') / 1000;
    expect(await cloud.items()).toEqual([
      {
        pk: 'user#42',
        sk: 'day#2026-11-22',
        pictures: 1,
        bytes: 1010,
        inferenceMicroseconds: 50_000,
        failures: 1,
        expiresAtSeconds,
      },
      { pk: 'user#42', sk: `event#${'a'.repeat(32)}`, event: completed(), expiresAtSeconds },
      { pk: 'user#42', sk: `event#${'b'.repeat(32)}`, event: failed(), expiresAtSeconds },
    ]);
  });

  it('a prediction that is delivered three times at once counts once', async () => {
    const { handle } = metering();
    const outcomes = await Promise.all([handle(completed()), handle(completed()), handle(completed())]);
    expect(outcomes.sort()).toEqual(['duplicate', 'duplicate', 'stored']);
    expect(await day()).toMatchObject({ pictures: 1, bytes: 1000 });
  });

  it('a prediction is counted on the UTC day on which it occurred', async () => {
    const { handle } = metering();
    await handle(completed({ occurredAt: '2026-11-21T23:59:59.999Z' }));
    await handle(completed({ eventId: 'd'.repeat(32), occurredAt: '2026-11-22T00:00:00.000Z' }));
    expect(await day('day#2026-11-21')).toMatchObject({ pictures: 1 });
    expect(await day('day#2026-11-22')).toMatchObject({ pictures: 1 });
  });

  it('a prediction is accepted until the second its day expires, and dropped from then on', async () => {
    expect(await metering(Date.parse('2026-12-06T23:59:59Z')).handle(completed())).toBe('stored');
    const outcome = await metering(Date.parse('2026-12-07T00:00:00Z')).handle(completed({ eventId: 'd'.repeat(32) }));
    expect(outcome).toBe('expired');
  });

  it('expired predictions are not read although DynamoDB has not deleted them', async () => {
    await metering().handle(completed());
    const { store } = metering(Date.parse('2026-12-07T00:00:00Z'));
    expect(await store.projectionsOf('user#42')).toEqual([]);
    for await (const event of store.eventsOf('user#42')) expect.unreachable(event.eventId);
    expect(await keys()).toHaveLength(2);
  });
});

describe('UserForgotten', () => {
  it('UserForgotten deletes all of a user except for the tombstone, and nothing of other users', async () => {
    const { handle } = metering();
    await handle(completed());
    await handle(failed());
    await handle(completed({ userId: '43', eventId: 'd'.repeat(32) }));
    expect(await handle(forgotten())).toBe('forgotten');
    expect(await keys()).toEqual(['user#42 forgotten', 'user#43 day#2026-11-22', `user#43 event#${'d'.repeat(32)}`]);
  });

  it('an event that occurred before UserForgotten is refused when it arrives afterwards', async () => {
    const { handle } = metering();
    await handle(forgotten());
    expect(await handle(completed())).toBe('refused');
    expect(await handle(completed({ occurredAt: forgotten().occurredAt }))).toBe('refused');
    expect(await keys()).toEqual(['user#42 forgotten']);
  });

  it('events that occurred after UserForgotten are kept and counted', async () => {
    const { handle } = metering();
    await handle(completed());
    const later = completed({ eventId: 'd'.repeat(32), occurredAt: '2026-11-22T13:00:00.000Z', bytes: 7 });
    await handle(later);
    await handle(forgotten());
    expect(await day()).toMatchObject({ pictures: 1, bytes: 7 });
    expect(await handle(later)).toBe('duplicate');
  });

  it('of two UserForgotten events the later one holds, in whichever order they arrive', async () => {
    const { handle } = metering();
    await handle(forgotten({ occurredAt: '2026-11-22T14:00:00.000Z' }));
    await handle(forgotten({ occurredAt: '2026-11-22T12:00:00.000Z' }));
    expect(await handle(completed({ occurredAt: '2026-11-22T13:00:00.000Z' }))).toBe('refused');
  });

  it('UserForgotten also deletes expired items that DynamoDB has not deleted yet', async () => {
    await metering().handle(completed());
    const late = Date.parse('2026-12-08T00:00:00Z');
    await metering(late).handle(forgotten({ occurredAt: '2026-12-07T23:00:00.000Z' }));
    expect(await keys()).toEqual(['user#42 forgotten']);
  });
});

describe('handleEvent', () => {
  /** Handles each event. At random the process is killed before one of its writes, and the event is handled again. */
  async function handleAll(events: readonly MeteringEvent[], random: Random): Promise<string> {
    const { dynamoDb } = cloud;
    const send = dynamoDb.send;
    const { handle } = metering();
    for (const event of events) {
      let writesLeft = random.next() < 0.3 ? random.below(4) : Number.POSITIVE_INFINITY;
      dynamoDb.send = ((command: object, ...rest: []) => {
        const writes = !/Query|Scan/.test(command.constructor.name);
        if (writes && writesLeft-- <= 0) return Promise.reject(new Error('killed'));
        return Reflect.apply(send, dynamoDb, [command, ...rest]);
      }) as typeof send;
      await handle(event).catch(async (error: Error) => {
        if (error.message !== 'killed') throw error;
        writesLeft = Number.POSITIVE_INFINITY;
        if (random.next() < 0.5) await handle(random.of(events));
        await handle(event);
      });
    }
    dynamoDb.send = send;
    const report = await rebuild(metering().store, { dryRun: true });
    expect(report.differences).toEqual([]);
    expect(report.events).toBeGreaterThan(0);
    return JSON.stringify(await cloud.items());
  }

  it.each([1, 2])(
    "metering's table is the same for every order of events, with duplicates and kills (seed %i)",
    async (seed) => {
      const random = new Random(seed);
      const events = someEvents(random, { count: 24, nowMilliseconds: now });
      const expected = await handleAll(events, new Random(seed));
      expect(expected).toBe(JSON.stringify(expectedItems(events)));
      await cloud[Symbol.asyncDispose]();
      cloud = await startEventsCloud();
      const again = random.shuffled([...events, ...events.filter(() => random.next() < 0.4)]);
      expect(await handleAll(again, random)).toBe(expected);
      expect(await handleAll(random.shuffled(events), random)).toBe(expected);
    },
  );
});
