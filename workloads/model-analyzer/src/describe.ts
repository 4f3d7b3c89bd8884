import { type Tally, tallyOf } from './counters.ts';
import { confidenceOf, type Drift, driftBetween, meanBin } from './drift.ts';
import { latencyBoundsMicroseconds, latencyQuantile, sum } from './histogram.ts';
import { daysOf, type Model, type Period, previousOf, tallyOfModel } from './models.ts';
import type { DriftResponse, ModelListResponse, ModelResponse } from './responses.ts';

export const pathOfModel = (id: string) => `/v1/models/${encodeURIComponent(id)}`;

export function describeModels(models: readonly Model[]): ModelListResponse {
  return {
    models: models.map((model) => {
      const { pictures, empty } = tallyOfModel(model);
      const { level, verdict } = driftOf(model, models);
      const emptyShare = shareOf(empty, pictures);
      return { ...identityOf(model), href: pathOfModel(model.id), pictures, emptyShare, level, verdict };
    }),
  };
}

export function describeModel(model: Model, period?: Period): ModelResponse {
  const tally = tallyOfModel(model, period);
  const { pictures, empty, failures, latency } = tally;
  const objects = sum(confidenceOf(tally));
  const quantile = (share: number) => latencyQuantile(latency, share) ?? null;
  return {
    ...identityOf(model),
    pictures,
    objects,
    empty: { pictures: empty, share: shareOf(empty, pictures) },
    failures: byCount(
      [...failures].map(([reason, count]) => ({ reason, pictures: count })),
      'pictures',
      'reason',
    ),
    classes: classesOf(tally, objects),
    confidence: [...confidenceOf(tally)],
    latency: {
      p50Microseconds: quantile(0.5),
      p90Microseconds: quantile(0.9),
      p99Microseconds: quantile(0.99),
      buckets: [...latency]
        .sort(([one], [other]) => one - other)
        .map(([bucket, inferences]) => ({ upToMicroseconds: latencyBoundsMicroseconds[bucket]!, inferences })),
    },
    days: daysOf(model, period).map(({ day, counters }) => {
      const ofDay = tallyOf(counters);
      return { day, pictures: ofDay.pictures, empty: ofDay.empty, failed: sum(ofDay.failures.values()) };
    }),
  };
}

export function describeDrift(model: Model, models: readonly Model[]): DriftResponse {
  const { level, verdict, measures } = driftOf(model, models);
  return { id: model.id, previous: previousOf(model, models)?.id ?? null, level, verdict, measures: [...measures] };
}

export function driftOf(model: Model, models: readonly Model[]): Drift {
  const previous = previousOf(model, models);
  return driftBetween(previous && tallyOfModel(previous), tallyOfModel(model));
}

function classesOf({ confidence }: Tally, objects: number): ModelResponse['classes'] {
  const classes = [...confidence].map(([label, bins]) => {
    const count = sum(bins);
    return {
      label,
      objects: count,
      share: shareOf(count, objects),
      meanConfidence: meanBin(bins),
      confidence: [...bins],
    };
  });
  return byCount(classes, 'objects', 'label');
}

/** Largest count first; equal counts by name, so that equal data gives equal responses. */
function byCount<T>(items: readonly T[], count: keyof T, name: keyof T): T[] {
  return [...items].sort(
    (one, other) => Number(other[count]) - Number(one[count]) || (String(one[name]) < String(other[name]) ? -1 : 1),
  );
}

const shareOf = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

const identityOf = ({ id, name, version, sha256, firstSeenAt }: Model) => ({ id, name, version, sha256, firstSeenAt });
