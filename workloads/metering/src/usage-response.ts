import { type PlanName, plans } from '@stepkube/shared/contracts/plans.ts';
import type { Usage, UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import { addCounters, type DayProjection, dayOf } from '@stepkube/shared/events/event-items.ts';
import { monthOf, nextTokenOf, type UsageQuery } from './period.ts';
import { type UsageStore, userPartition } from './usage-events.ts';

const noUsage: Usage = { pictures: 0, bytes: 0, inferenceMicroseconds: 0, failures: 0 };
const millisecondsPerDay = 86_400_000;

/** The usage of a period and the rest of the current month's quota. An unknown user has used nothing. */
export async function readUsage(options: {
  readonly store: UsageStore;
  readonly query: UsageQuery;
  readonly plan: PlanName;
  readonly retentionDays: number;
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
}): Promise<UsageResponse> {
  const { store, query, plan, retentionDays, today } = options;
  const { user, from, to, limit, after } = query;
  const pk = userPartition(user);
  const [period, month] = await Promise.all([
    store.projectionsOf(pk, { from, to }),
    store.projectionsOf(pk, monthOf(today)),
  ]);
  const rest = period.filter(({ day }) => after === undefined || day > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const { picturesPerMonth } = plans[plan];
  return {
    user,
    from,
    to,
    countedFrom: dayOf(Date.parse(today) - retentionDays * millisecondsPerDay),
    totals: sumOf(period),
    days: page.map((projection) => ({ day: projection.day, ...sumOf([projection]) })),
    ...(last !== undefined && rest.length > page.length ? { nextToken: nextTokenOf(query, last.day) } : {}),
    quota: { plan, picturesPerMonth, remaining: Math.max(0, picturesPerMonth - sumOf(month).pictures) },
  };
}

/** The four figures in a fixed order, also when a projection lacks some of them. */
function sumOf(projections: readonly DayProjection[]): Usage {
  const sums: Record<keyof Usage, number> = { ...noUsage };
  for (const { counters } of projections) addCounters(sums, counters);
  return sums;
}
