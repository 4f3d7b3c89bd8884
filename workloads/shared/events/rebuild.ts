import { addCounters, type Counters, canonical, type DayProjection, dayOf } from './event-items.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';

/** A partition changed during every comparison. */
export class PartitionBusyError extends Error {
  override readonly name = 'PartitionBusyError';
}

/** A day whose projection is not the sum of its events. */
export interface Difference {
  readonly partition: string;
  readonly day: string;
  /** Canonical text (see `canonical`); undefined when there is no projection. */
  readonly stored: string | undefined;
  readonly rebuilt: string | undefined;
}

export interface RebuildReport {
  readonly partitions: number;
  readonly events: number;
  /** Compared projections. */
  readonly projections: number;
  readonly differences: readonly Difference[];
}

const maxAttempts = 10;

/**
 * Recomputes all sums from the stored events and compares them with the stored projections. Differing projections are
 * replaced unless `dryRun`. Safe while events are being consumed: a partition that changes meanwhile is compared again.
 * @throws PartitionBusyError
 */
export async function rebuild<E extends RecordedEvent>(
  store: EventStore<E>,
  options: { readonly dryRun: boolean; readonly abortSignal?: AbortSignal },
): Promise<RebuildReport> {
  const report = { partitions: 0, events: 0, projections: 0, differences: [] as Difference[] };
  for await (const partition of store.partitions(options.abortSignal)) {
    const found = await comparePartition(store, partition, options);
    report.partitions += 1;
    report.events += found.events;
    report.projections += found.projections;
    report.differences.push(...found.differences);
  }
  return report;
}

async function comparePartition<E extends RecordedEvent>(
  store: EventStore<E>,
  partition: string,
  { dryRun, abortSignal }: { readonly dryRun: boolean; readonly abortSignal?: AbortSignal },
) {
  const replaced: Difference[] = [];
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    // Projections are read before events, so an event that arrives in between shows as a projection that has changed.
    const stored = byDay(await store.projectionsOf(partition, undefined, abortSignal));
    const { sums, events } = await fold(store, partition, abortSignal);
    const differences = differencesOf(partition, stored, sums);
    let changed = false;
    for (const difference of differences) {
      const { day } = difference;
      const counters = stored.get(day) ?? {};
      if (dryRun) changed ||= !(await isUnchanged(store, partition, { day, counters }, abortSignal));
      else if (await store.replace(partition, { day, counters }, sums.get(day) ?? {}, abortSignal))
        replaced.push(difference);
      else changed = true;
    }
    if (!changed)
      return {
        events,
        projections: new Set([...stored.keys(), ...sums.keys()]).size,
        differences: dryRun ? differences : replaced,
      };
  }
  throw new PartitionBusyError(`a partition changed during each of ${maxAttempts} looks: stop its consumers first`);
}

async function fold<E extends RecordedEvent>(store: EventStore<E>, partition: string, abortSignal?: AbortSignal) {
  const sums = new Map<string, Record<string, number>>();
  let events = 0;
  for await (const event of store.eventsOf(partition, abortSignal)) {
    const day = dayOf(event.occurredAt);
    const counters = sums.get(day) ?? {};
    addCounters(counters, store.countersOf(event));
    sums.set(day, counters);
    events += 1;
  }
  return { sums, events };
}

function differencesOf(
  partition: string,
  stored: ReadonlyMap<string, Counters>,
  sums: ReadonlyMap<string, Counters>,
): readonly Difference[] {
  const days = [...new Set([...stored.keys(), ...sums.keys()])].sort();
  return days
    .map((day) => ({
      partition,
      day,
      stored: canonical({ day, counters: stored.get(day) ?? {} }),
      rebuilt: canonical({ day, counters: sums.get(day) ?? {} }),
    }))
    .filter((difference) => difference.stored !== difference.rebuilt);
}

async function isUnchanged<E extends RecordedEvent>(
  store: EventStore<E>,
  partition: string,
  before: DayProjection,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const [now] = await store.projectionsOf(partition, { from: before.day, to: before.day }, abortSignal);
  return canonical(now ?? { ...before, counters: {} }) === canonical(before);
}

const byDay = (projections: readonly DayProjection[]): ReadonlyMap<string, Counters> =>
  new Map(projections.map(({ day, counters }) => [day, counters]));
