import { addCounters, dayOf } from '@stepkube/shared/events/event-items.ts';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { countersOf } from '#workloads/model-analyzer/src/counters.ts';
import { inOrder, type Model, modelIdOf } from '#workloads/model-analyzer/src/models.ts';
import { Random } from '../random.ts';

/** How a model that is made up behaves. */
export interface Behaviour {
  readonly version: string;
  readonly from: string;
  readonly days: number;
  readonly picturesADay: number;
  readonly emptyShare: number;
  readonly failedShare?: number;
  readonly medianMicroseconds: number;
  /** Label -> weight, a whole number, and middle of its confidences. */
  readonly classes: Readonly<Record<string, { readonly weight: number; readonly confidence: number }>>;
}

export const identityOf = (version: string) => ({
  name: 'demo',
  version,
  sha256: Buffer.from(version).toString('hex').padEnd(64, '0'),
});

/** A model's events, in the order in which they occurred. */
export function eventsOf(behaviour: Behaviour, seed: number): readonly AnalysisEvent[] {
  const source = new Random(seed);
  const random = () => source.next();
  const bell = () => random() + random() + random() - 1.5;
  const { days, picturesADay } = behaviour;
  return Array.from({ length: days * picturesADay }, (_, index): AnalysisEvent => {
    const occurredAt = new Date(
      Date.parse(`${behaviour.from}T00:00:00Z`) + Math.floor((index * 86_400_000) / picturesADay),
    ).toISOString();
    const eventId = (seed * 1_000_000 + index).toString(16).padStart(32, '0');
    const base = { schemaVersion: 1 as const, eventId, occurredAt, model: identityOf(behaviour.version) };
    if (random() < (behaviour.failedShare ?? 0)) return { type: 'PredictionFailed', ...base, reason: 'not-a-picture' };
    const objects = random() < behaviour.emptyShare ? 0 : 1 + Math.floor(random() * 4);
    return {
      type: 'PredictionCompleted',
      ...base,
      inferenceMicroseconds: Math.round(behaviour.medianMicroseconds * 1.5 ** bell()),
      detections: Array.from({ length: objects }, () => detectionOf(behaviour.classes, random(), bell())),
    };
  });
}

function detectionOf(classes: Behaviour['classes'], choice: number, spread: number) {
  const tickets = Object.entries(classes).flatMap(([label, { weight }]) => new Array<string>(weight).fill(label));
  const label = tickets[Math.floor(choice * tickets.length)]!;
  const { confidence } = classes[label]!;
  const permille = Math.round((confidence + spread * 0.28) * 1000);
  return { label, confidencePermille: Math.max(250, Math.min(1000, permille)) };
}

/** What the service would know after these events, without a database. */
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

export const usualBehaviour: Behaviour = {
  version: 'v1',
  from: '2026-11-08',
  days: 7,
  picturesADay: 180,
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
