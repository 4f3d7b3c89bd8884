import { rejectionReasons } from '@stepkube/shared/contracts/messages.ts';
import type { MeteringEvent } from '@stepkube/shared/events/events.ts';
import type { Random } from '#support/random.ts';

const dayMilliseconds = 86_400_000;

export function completed(overrides: Partial<Extract<MeteringEvent, { type: 'PredictionCompleted' }>> = {}) {
  return {
    type: 'PredictionCompleted' as const,
    schemaVersion: 1 as const,
    eventId: 'a'.repeat(32),
    occurredAt: '2026-11-22T10:00:00.000Z',
    userId: '42',
    bytes: 1000,
    inferenceMicroseconds: 50_000,
    ...overrides,
  };
}

export function failed(overrides: Partial<Extract<MeteringEvent, { type: 'PredictionFailed' }>> = {}) {
  return {
    type: 'PredictionFailed' as const,
    schemaVersion: 1 as const,
    eventId: 'b'.repeat(32),
    occurredAt: '2026-11-22T11:00:00.000Z',
    userId: '42',
    bytes: 10,
    reason: 'damaged' as const,
    ...overrides,
  };
}

export function forgotten(overrides: Partial<Extract<MeteringEvent, { type: 'UserForgotten' }>> = {}) {
  return {
    type: 'UserForgotten' as const,
    schemaVersion: 1 as const,
    eventId: 'c'.repeat(32),
    occurredAt: '2026-11-22T12:00:00.000Z',
    userId: '42',
    ...overrides,
  };
}

/** Distinct events of the three days before now, about twenty per user; a few of them are UserForgotten. */
export function someEvents(random: Random, options: { readonly count: number; readonly nowMilliseconds: number }) {
  const users = Array.from({ length: Math.max(4, options.count / 20) }, () => String(1 + random.below(1e10)));
  return Array.from({ length: options.count }, (): MeteringEvent => {
    const occurredAt = new Date(options.nowMilliseconds - random.below(3 * dayMilliseconds)).toISOString();
    const about = { eventId: random.hex(32), occurredAt, userId: random.of(users) };
    const chance = random.next();
    if (chance < 0.04) return forgotten(about);
    if (chance < 0.2) return failed({ ...about, bytes: random.below(5_000_000), reason: random.of(rejectionReasons) });
    return completed({ ...about, bytes: random.below(5_000_000), inferenceMicroseconds: random.below(900_000) });
  });
}
