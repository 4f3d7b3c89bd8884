import type { Usage, UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import { addCounters, type DayProjection, dayOf } from '@stepkube/shared/events/event-items.ts';
import { nextTokenOf, type UsageQuery } from './period.ts';
import { type UsageStore, userPartition } from './usage-events.ts';

const noUsage: Usage = { pictures: 0, bytes: 0, inferenceMicroseconds: 0, failures: 0 };
const millisecondsPerDay = 86_400_000;

/** The usage of a period. An unknown user has used nothing. */
export async function readUsage(options: {
  readonly store: UsageStore;
  readonly query: UsageQuery;
  readonly retentionDays: number;
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
}): Promise<UsageResponse> {
  const { store, query, retentionDays, today } = options;
  const { user, from, to, limit, after } = query;
  const period = await store.projectionsOf(userPartition(user), { from, to });
  const rest = period.filter(({ day }) => after === undefined || day > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    user,
    from,
    to,
    countedFrom: dayOf(Date.parse(today) - retentionDays * millisecondsPerDay),
    totals: sumOf(period),
    days: page.map((projection) => ({ day: projection.day, ...sumOf([projection]) })),
    ...(last !== undefined && rest.length > page.length ? { nextToken: nextTokenOf(query, last.day) } : {}),
  };
}

/** The four figures in a fixed order, also when a projection lacks some of them. */
function sumOf(projections: readonly DayProjection[]): Usage {
  const sums: Record<keyof Usage, number> = { ...noUsage };
  for (const { counters } of projections) addCounters(sums, counters);
  return sums;
}
