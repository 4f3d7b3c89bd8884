import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AppendOutcome } from '@stepkube/shared/events/event-store.ts';
import type { MeteringEvent } from '@stepkube/shared/events/events.ts';
import { putTombstone } from './tombstone.ts';
import { type UsageStore, userPartition } from './usage-events.ts';

export type EventOutcome = AppendOutcome | 'forgotten';

export interface EventHandling {
  readonly store: UsageStore;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly retentionDays: number;
}

/** Counts a prediction, or forgets a user. Idempotent and independent of the order: the resulting items are the same. */
export async function handleEvent(
  event: MeteringEvent,
  handling: EventHandling,
  abortSignal: AbortSignal,
): Promise<EventOutcome> {
  if (event.type !== 'UserForgotten') return handling.store.append(event, abortSignal);
  await forget(event.userId, event.occurredAt, handling, abortSignal);
  return 'forgotten';
}

/**
 * Writes the tombstone first, so that no older event is stored from then on. Then withdraws each stored event together with
 * its counters in one transaction: an interruption leaves correct sums, and the next attempt continues from there.
 */
async function forget(userId: string, forgottenAt: string, handling: EventHandling, abortSignal: AbortSignal) {
  const { store, ...table } = handling;
  const pk = userPartition(userId);
  await putTombstone({ ...table, pk, forgottenAt, abortSignal });
  for await (const event of store.eventsOf(pk, abortSignal)) {
    if (Date.parse(event.occurredAt) <= Date.parse(forgottenAt)) await store.withdraw(event, abortSignal);
  }
  await store.purge(pk, abortSignal);
}
