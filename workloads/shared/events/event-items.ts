/**
 * The items of an events table. Every event belongs to a partition (a user, a model) and to the UTC day on which it occurred;
 * what it counts is added to that day's projection. Counters are integers, so their sums do not depend on the order.
 *
 *   pk "user#42"  sk "event#9f2c..."     {event: {...}, expiresAtSeconds}   one per event, immutable
 *   pk "user#42"  sk "day#2026-11-22"    {pictures: 3, bytes: 912044, ..., expiresAtSeconds}
 *
 * The events and the projection of a day expire at the same second, `retentionDays` after the end of that day. So at any
 * time either a whole day counts or nothing of it, whenever DynamoDB actually deletes the items, and a rebuild always has
 * every event of the days that it compares.
 */

/** Integers by name. Names are attributes of the projection: pk, sk and expiresAtSeconds are reserved. */
export type Counters = Readonly<Record<string, number>>;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export interface DayProjection {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly counters: Counters;
}

const secondsPerDay = 86_400;
const eventPrefix = 'event#';
const dayPrefix = 'day#';

/** First and last sort key, both inclusive. */
export interface SortKeyRange {
  readonly from: string;
  readonly to: string;
}

export const sortKeyRanges = {
  events: { from: eventPrefix, to: `${eventPrefix}~` },
  days: { from: dayPrefix, to: `${dayPrefix}~` },
  daysBetween: (from: string, to: string): SortKeyRange => ({ from: dayPrefix + from, to: dayPrefix + to }),
} as const;

export const eventKey = (pk: string, eventId: string): ItemKey => ({ pk, sk: eventPrefix + eventId });
export const dayKey = (pk: string, day: string): ItemKey => ({ pk, sk: dayPrefix + day });

/** YYYY-MM-DD of a point in time, UTC. */
export const dayOf = (occurredAt: string | number | Date): string => new Date(occurredAt).toISOString().slice(0, 10);

/** Unix seconds from which on nothing of that day counts any more. */
export function expiryOf(day: string, retentionDays: number): number {
  return Date.parse(`${day}T00:00:00.000Z`) / 1000 + (1 + retentionDays) * secondsPerDay;
}

/** A projection from its item: every attribute that is not reserved is a counter. */
export function projectionOf(item: Readonly<Record<string, unknown>>): DayProjection {
  const { pk: _pk, sk, expiresAtSeconds: _expiry, ...counters } = item;
  return { day: String(sk).slice(dayPrefix.length), counters: counters as Counters };
}

/**
 * The canonical text of a projection: two projections are equal if and only if their texts are. A counter at 0 equals a
 * missing one, and a projection without counters equals a missing projection (undefined).
 */
export function canonical({ day, counters }: DayProjection): string | undefined {
  const names = Object.keys(counters).filter((name) => counters[name] !== 0);
  if (names.length === 0) return undefined;
  return JSON.stringify([day, names.sort().map((name) => [name, counters[name]])]);
}

/** Adds counters to sums, name by name. */
export function addCounters(sums: Record<string, number>, counters: Counters): void {
  for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
}
