import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { maxObjects } from '@stepkube/shared/contracts/messages.ts';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { rebuild } from '@stepkube/shared/events/rebuild.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '#support/random.ts';
import { eventsOf, identityOf, modelsAfter, usualBehavior } from '#support/workloads/analysis-events.ts';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { Analysis } from '#workloads/model-analyzer/src/analysis.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');
const { signal } = new AbortController();
/** Two versions on three days, with empty results and failures. */
const some = { ...usualBehavior, days: 2, picturesPerDay: 6, emptyShare: 0.2, failedShare: 0.2 };
const events = [
  ...eventsOf({ ...some, from: '2026-11-19' }, 1),
  ...eventsOf({ ...some, version: 'v2', from: '2026-11-20' }, 2),
];

const clouds: EventsCloud[] = [];
let cloud: EventsCloud;
async function newCloud(): Promise<EventsCloud> {
  const started = await startEventsCloud();
  clouds.push(started);
  return started;
}
beforeEach(async () => {
  cloud = await newCloud();
});
afterEach(() => Promise.all(clouds.splice(0).map((some) => some[Symbol.asyncDispose]())));

const analysisOf = ({ dynamoDb, table }: EventsCloud, at = now) =>
  new Analysis({ dynamoDb, table, retentionDays: 14, now: () => at });
async function recordAll(into: EventsCloud, some: readonly AnalysisEvent[]): Promise<void> {
  const analysis = analysisOf(into);
  for (const event of some) await analysis.record(event, signal);
}
/** Sorts the attributes by name, so that equal items have equal JSON texts. */
const bytesOf = async (of: EventsCloud) =>
  (await of.items()).map((item) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
const partsOf = (event: AnalysisEvent | undefined) => event as Extract<AnalysisEvent, { type: 'PredictionCompleted' }>;

describe('Analysis', () => {
  it('Analysis.models returns the recorded counts, models ordered by when they were first seen', async () => {
    await recordAll(cloud, events);
    const models = await analysisOf(cloud).models();
    expect(models).toEqual(modelsAfter(events));
    expect(models.map(({ version }) => version)).toEqual(['v1', 'v2']);
  });

  it('an image with the most objects is stored, and a rebuild replaces the sums of a day with that many counters', async () => {
    const [event] = events.filter((some) => some.type === 'PredictionCompleted');
    const detections = Array.from({ length: maxObjects }, (_, index) => ({
      label: `l${index}`,
      confidencePermille: 500,
    }));
    const crowded: AnalysisEvent = { ...partsOf(event), detections };
    await recordAll(cloud, [crowded]);
    const analysis = analysisOf(cloud);
    const [model] = await analysis.models();
    const [day] = model!.days;
    expect(Object.keys(day!.counters)).toHaveLength(2 + maxObjects);

    await cloud.dynamoDb.send(
      new UpdateCommand({
        TableName: cloud.table,
        Key: { pk: `model#${model!.id}`, sk: `day#${day!.day}` },
        UpdateExpression: 'ADD pictures :one',
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    expect((await rebuild(analysis.store, { dryRun: false })).differences).toHaveLength(1);
    expect((await analysis.models())[0]!.days[0]!.counters).toEqual(day!.counters);
  });

  it.each([11, 12])(
    "model-analyzer's table is byte-equal after duplicates and in another order (seed %i)",
    async (seed) => {
      await recordAll(cloud, events);
      const random = new Random(seed);
      const other = await newCloud();
      await recordAll(other, random.shuffled([...events, ...events.filter(() => random.next() < 0.4)]));
      expect(await bytesOf(other)).toEqual(await bytesOf(cloud));
    },
  );

  it("model-analyzer's table is byte-equal with concurrent consumers, and after a complete replay", async () => {
    await recordAll(cloud, events);
    const other = await newCloud();
    const third = Math.ceil(events.length / 3);
    const parts = [0, 1, 2].map((part) => events.slice(part * third, (part + 1) * third));
    await Promise.all([...parts, events.slice(0, third)].map((part) => recordAll(other, part)));
    expect(await bytesOf(other)).toEqual(await bytesOf(cloud));
    await recordAll(other, events);
    expect(await bytesOf(other)).toEqual(await bytesOf(cloud));
  });

  it("model-analyzer's table is byte-equal after an interruption between storing an event and registering its model", async () => {
    await recordAll(cloud, events);
    const other = await newCloud();
    await analysisOf(other).store.append(events[0]!);
    expect(await analysisOf(other).models()).toEqual([]);
    await recordAll(other, events);
    expect(await bytesOf(other)).toEqual(await bytesOf(cloud));
  });

  it('models with equal names and versions but different weights are different models', async () => {
    const event = events[0]!;
    const retrained = { ...event, eventId: 'f'.repeat(32), model: { ...identityOf('v1'), sha256: 'e'.repeat(64) } };
    await recordAll(cloud, [event, retrained]);
    expect((await analysisOf(cloud).models()).map(({ id }) => id)).toEqual([
      'demo@v1#763100000000',
      'demo@v1#eeeeeeeeeeee',
    ]);
  });

  it('in model-analyzer a day expires as a whole, expired events are dropped, and the order of versions is kept', async () => {
    await recordAll(cloud, events);
    const days = (await cloud.items()).filter(({ pk }) => String(pk).startsWith('model#'));
    const expiries = new Set(
      days.map(({ pk, sk, event, expiresAtSeconds }) => {
        const day = event === undefined ? String(sk).slice(4) : partsOf(event as AnalysisEvent).occurredAt.slice(0, 10);
        return `${String(pk).slice(0, 13)} ${day} ${expiresAtSeconds}`;
      }),
    );
    expect(expiries.size).toBe(4);

    const later = analysisOf(cloud, Date.parse('2026-12-04T12:00:00.000Z'));
    const models = await later.models();
    expect(
      models.map(({ version, firstSeenAt, days: left }) => [version, firstSeenAt, left.map(({ day }) => day)]),
    ).toEqual([
      ['v1', '2026-11-19T00:00:00.000Z', ['2026-11-20']],
      ['v2', '2026-11-20T00:00:00.000Z', ['2026-11-20', '2026-11-21']],
    ]);
    expect(await later.record({ ...events[0]!, eventId: 'd'.repeat(32) }, signal)).toBe('expired');
    expect(await analysisOf(cloud, Date.parse('2027-01-01T00:00:00.000Z')).models()).toEqual([]);
  });

  it('rebuild finds and replaces a projection that is not the sum of its events', async () => {
    await recordAll(cloud, events);
    const right = await bytesOf(cloud);
    const { store } = analysisOf(cloud);
    expect(await rebuild(store, { dryRun: false })).toMatchObject({
      events: events.length,
      projections: 4,
      differences: [],
    });
    await cloud.dynamoDb.send(
      new UpdateCommand({
        TableName: cloud.table,
        Key: { pk: 'model#demo@v1#763100000000', sk: 'day#2026-11-19' },
        UpdateExpression: 'ADD pictures :one, #planted :one',
        ExpressionAttributeNames: { '#planted': 'confidence/planted/3' },
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    expect((await rebuild(store, { dryRun: false })).differences).toHaveLength(1);
    expect(await bytesOf(cloud)).toEqual(right);
  });

  it('Analysis.record stores an event of 300 objects, each in its own counter', async () => {
    const labels = Array.from({ length: 15 }, (_, index) => `a label of some length, number ${index}`);
    const detections = Array.from({ length: 300 }, (_, index) => ({
      label: labels[Math.floor(index / 20)]!,
      confidencePermille: (index % 20) * 50,
    }));
    expect(await analysisOf(cloud).record({ ...partsOf(events[0]), detections }, signal)).toBe('stored');
    const [model] = await analysisOf(cloud).models();
    expect(Object.keys(model!.days[0]!.counters)).toHaveLength(302);
  });
});
