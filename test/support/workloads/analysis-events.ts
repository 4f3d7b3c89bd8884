import { addCounters, dayOf } from '@stepkube/shared/events/event-items.ts';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { Random } from '#support/random.ts';
import { countersOf } from '#workloads/model-analyzer/src/counters.ts';
import { inOrder, type Model, modelIdOf } from '#workloads/model-analyzer/src/models.ts';

/** The parameters of a simulated model. */
export interface Behavior {
  readonly version: string;
  readonly from: string;
  readonly days: number;
  readonly picturesPerDay: number;
  readonly emptyShare: number;
  readonly failedShare?: number;
  readonly medianMicroseconds: number;
  /** Label -> weight (a whole number) and mean confidence. */
  readonly classes: Readonly<Record<string, { readonly weight: number; readonly confidence: number }>>;
}

export const identityOf = (version: string) => ({
  name: 'demo',
  version,
  sha256: Buffer.from(version).toString('hex').padEnd(64, '0'),
});

/** A simulated model's events, in the order in which they occurred. */
export function eventsOf(behavior: Behavior, seed: number): readonly AnalysisEvent[] {
  const source = new Random(seed);
  const random = () => source.next();
  const bell = () => random() + random() + random() - 1.5;
  const { days, picturesPerDay } = behavior;
  return Array.from({ length: days * picturesPerDay }, (_, index): AnalysisEvent => {
    const occurredAt = new Date(
      Date.parse(`${behavior.from}T00:00:00Z`) + Math.floor((index * 86_400_000) / picturesPerDay),
    ).toISOString();
    const eventId = (seed * 1_000_000 + index).toString(16).padStart(32, '0');
    const base = { schemaVersion: 1 as const, eventId, occurredAt, model: identityOf(behavior.version) };
    if (random() < (behavior.failedShare ?? 0)) return { type: 'PredictionFailed', ...base, reason: 'not-a-picture' };
    const objects = random() < behavior.emptyShare ? 0 : 1 + Math.floor(random() * 4);
    return {
      type: 'PredictionCompleted',
      ...base,
      inferenceMicroseconds: Math.round(behavior.medianMicroseconds * 1.5 ** bell()),
      detections: Array.from({ length: objects }, () => detectionOf(behavior.classes, random(), bell())),
    };
  });
}

function detectionOf(classes: Behavior['classes'], choice: number, spread: number) {
  const tickets = Object.entries(classes).flatMap(([label, { weight }]) => new Array<string>(weight).fill(label));
  const label = tickets[Math.floor(choice * tickets.length)]!;
  const { confidence } = classes[label]!;
  const permille = Math.round((confidence + spread * 0.28) * 1000);
  return { label, confidencePermille: Math.max(250, Math.min(1000, permille)) };
}

/** The models that the service has after these events, computed without a database. */
export function modelsAfter(events: readonly AnalysisEvent[]): readonly Model[] {
  const models = new Map<string, { first: string; event: AnalysisEvent; days: Map<string, Record<string, number>> }>();
  for (const event of events) {
    const id = modelIdOf(event.model);
    const model = models.get(id) ?? { first: event.occurredAt, event, days: new Map() };
    models.set(id, model);
    if (event.occurredAt < model.first) model.first = event.occurredAt;
    const sums = model.days.get(dayOf(event.occurredAt)) ?? {};
    model.days.set(dayOf(event.occurredAt), sums);
    addCounters(sums, countersOf(event));
  }
  return inOrder(
    [...models].map(([id, { first, event, days }]) => ({
      ...event.model,
      id,
      firstSeenAt: first,
      days: [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([day, counters]) => ({ day, counters })),
    })),
  );
}

export const usualBehavior: Behavior = {
  version: 'v1',
  from: '2026-11-08',
  days: 7,
  picturesPerDay: 180,
  emptyShare: 0.04,
  failedShare: 0.01,
  medianMicroseconds: 48_000,
  classes: {
    person: { weight: 42, confidence: 0.78 },
    car: { weight: 24, confidence: 0.72 },
    dog: { weight: 12, confidence: 0.81 },
    bicycle: { weight: 9, confidence: 0.62 },
    cat: { weight: 8, confidence: 0.8 },
    bus: { weight: 5, confidence: 0.7 },
    clock: { weight: 3, confidence: 0.55 },
    umbrella: { weight: 2, confidence: 0.5 },
  },
};
