import { maxObjects } from '@stepkube/shared/contracts/messages.ts';
import { addition } from '@stepkube/shared/events/counter-expressions.ts';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { describe, expect, it } from 'vitest';
import { Random } from '#support/random.ts';
import { identityOf } from '#support/workloads/analysis-events.ts';
import { countersOf, tallyOf } from '#workloads/model-analyzer/src/counters.ts';
import {
  confidenceBinOf,
  latencyBoundsMicroseconds,
  latencyBucketOf,
  latencyQuantile,
} from '#workloads/model-analyzer/src/histogram.ts';

const base = {
  schemaVersion: 1 as const,
  eventId: 'a'.repeat(32),
  occurredAt: '2026-11-22T10:00:00.000Z',
  model: identityOf('v1'),
};
const completed = (detections: [string, number][]): AnalysisEvent => ({
  type: 'PredictionCompleted',
  ...base,
  inferenceMicroseconds: 50_000,
  detections: detections.map(([label, confidencePermille]) => ({ label, confidencePermille })),
});

describe('countersOf and tallyOf', () => {
  it('a completed prediction counts one picture, its latency bucket, and each object in the bin of its confidence', () => {
    const counters = countersOf(completed([['dog', 871], ['dog', 899], ['dog', 900], ['cat', 0]])); // biome-ignore format: a line
    expect(counters).toEqual({
      pictures: 1,
      [`latency/${latencyBucketOf(50_000)}`]: 1,
      'confidence/dog/17': 2,
      'confidence/dog/18': 1,
      'confidence/cat/0': 1,
    });
  });

  it('an image with the most objects, all of different labels, fits into one DynamoDB expression of 4,096 bytes', () => {
    const objects = (count: number) =>
      Array.from({ length: count }, (_, index): [string, number] => [`l${index}`, 500]);
    const atLimit = countersOf(completed(objects(maxObjects)));
    expect(Object.keys(atLimit)).toHaveLength(2 + maxObjects);
    expect(Buffer.byteLength(addition(atLimit, 1_800_000_000).UpdateExpression)).toBeLessThanOrEqual(4_096);
    expect(countersOf(completed(objects(1_000)))).toEqual(atLimit);
  });

  it('a completed prediction without objects counts as empty', () => {
    expect(countersOf(completed([]))).toMatchObject({ pictures: 1, empty: 1 });
  });

  it('a failed prediction counts by its reason and not as a picture', () => {
    expect(countersOf({ type: 'PredictionFailed', ...base, reason: 'damaged' })).toEqual({ 'failed/damaged': 1 });
  });

  it('tallyOf reverses countersOf for every label, also with slashes and __proto__', () => {
    const tally = tallyOf({
      ...countersOf(completed([['traffic light', 310], ['a/b', 1000], ['__proto__', 500]])), // biome-ignore format: a line
      'failed/missing': 3,
    });
    expect([tally.pictures, tally.empty, [...tally.failures]]).toEqual([1, 0, [['missing', 3]]]);
    const found = [...tally.confidence].map(([label, bins]) => [label, bins.indexOf(1)]);
    expect(found).toEqual([
      ['traffic light', 6],
      ['a/b', 19],
      ['__proto__', 10],
    ]);
  });
});

describe('histograms', () => {
  it.each([
    [0, 0],
    [49, 0],
    [50, 1],
    [999, 19],
    [1000, 19],
  ])('a confidence of %i permille belongs to bin %i', (permille, bin) => {
    expect(confidenceBinOf(permille)).toBe(bin);
  });

  it('latency buckets have ascending upper bounds from 0.1 ms to over a minute, and the last one is unbounded', () => {
    expect([0, 100, 101, 109, 110].map(latencyBucketOf)).toEqual([0, 0, 1, 1, 2]);
    expect(latencyBoundsMicroseconds.at(-1)).toBeGreaterThan(60_000_000);
    expect(latencyBucketOf(Number.MAX_SAFE_INTEGER)).toBe(latencyBoundsMicroseconds.length - 1);
    expect(latencyBoundsMicroseconds).toEqual([...new Set(latencyBoundsMicroseconds)].sort((a, b) => a - b));
  });

  it.each([0.5, 0.9, 0.99])('latencyQuantile(%d) is precise to one bucket (9 %%)', (share) => {
    const random = new Random(7);
    const times = Array.from({ length: 5000 }, () => Math.round(20_000 * 4 ** (random.next() + random.next())));
    const counts = new Map<number, number>();
    for (const time of times) counts.set(latencyBucketOf(time), (counts.get(latencyBucketOf(time)) ?? 0) + 1);
    const exact = times.sort((a, b) => a - b)[Math.ceil(share * times.length) - 1]!;
    expect(Math.abs(latencyQuantile(counts, share)! / exact - 1)).toBeLessThan(0.095);
  });

  it('latencyQuantile is undefined without any inference', () => {
    expect(latencyQuantile(new Map(), 0.5)).toBeUndefined();
  });
});
