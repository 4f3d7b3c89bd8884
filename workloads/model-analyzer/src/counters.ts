import { maxObjects, type RejectionReason } from '@stepkube/shared/contracts/messages.ts';
import type { Counters } from '@stepkube/shared/events/event-items.ts';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { confidenceBinOf, confidenceBins, latencyBucketOf } from './histogram.ts';

/**
 * What an event adds to its day. Names: pictures, empty, failed/<reason>, latency/<bucket> and confidence/<label>/<bin>; how
 * often a class was found is the sum of its bins. Of more objects than `maxObjects`, which earlier detectors reported,
 * the most confident are counted: an update of more counters would exceed the size limit of a DynamoDB expression.
 */
export function countersOf(event: AnalysisEvent): Counters {
  if (event.type === 'PredictionFailed') return { [`failed/${event.reason}`]: 1 };
  const counters: Record<string, number> = {
    pictures: 1,
    [`latency/${latencyBucketOf(event.inferenceMicroseconds)}`]: 1,
  };
  if (event.detections.length === 0) counters['empty'] = 1;
  for (const { label, confidencePermille } of event.detections.slice(0, maxObjects)) {
    const name = `confidence/${label}/${confidenceBinOf(confidencePermille)}`;
    counters[name] = (counters[name] ?? 0) + 1;
  }
  return counters;
}

/** Whether it counts objects. There are up to 20 of these for each class, and no event changes only these. */
export const isConfidence = (name: string): boolean => name.startsWith('confidence/');

/** Sums of counters by their meaning. */
export interface Tally {
  /** Images that the model processed. */
  readonly pictures: number;
  /** Those of them without any detection. */
  readonly empty: number;
  readonly failures: ReadonlyMap<RejectionReason, number>;
  /** Bucket of latencyBoundsMicroseconds -> inferences. */
  readonly latency: ReadonlyMap<number, number>;
  /** Label -> objects by confidence, one number per bin. */
  readonly confidence: ReadonlyMap<string, readonly number[]>;
}

export function tallyOf(counters: Counters): Tally {
  const failures = new Map<RejectionReason, number>();
  const latency = new Map<number, number>();
  const confidence = new Map<string, number[]>();
  for (const [name, count] of Object.entries(counters)) {
    const [kind, rest] = split(name);
    if (kind === 'failed') failures.set(rest as RejectionReason, count);
    if (kind === 'latency') latency.set(Number(rest), count);
    if (kind === 'confidence') {
      const end = rest.lastIndexOf('/');
      const label = rest.slice(0, end);
      const bins = confidence.get(label) ?? new Array<number>(confidenceBins).fill(0);
      bins[Number(rest.slice(end + 1))] = count;
      confidence.set(label, bins);
    }
  }
  return { pictures: counters['pictures'] ?? 0, empty: counters['empty'] ?? 0, failures, latency, confidence };
}

/** Splits at the first slash only: labels may contain slashes. */
function split(name: string): readonly [string, string] {
  const end = name.indexOf('/');
  return end < 0 ? [name, ''] : [name.slice(0, end), name.slice(end + 1)];
}
