import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Usage } from '@stepkube/shared/contracts/usage-api.ts';
import { EventStore } from '@stepkube/shared/events/event-store.ts';
import { meteringEvent } from '@stepkube/shared/events/events.ts';
import { z } from 'zod';
import { notForgotten } from './tombstone.ts';

const [completed, failed] = meteringEvent.options;
const usageEventSchema = z.discriminatedUnion('type', [completed, failed]);

/** The events that are stored and counted. A UserForgotten is not among them: it leaves a tombstone. */
export type UsageEvent = z.infer<typeof usageEventSchema>;

export const userPartition = (userId: string) => `user#${userId}`;

/** What an event adds to its user's day. */
export function usageOf(event: UsageEvent): Usage {
  const { bytes } = event;
  return event.type === 'PredictionFailed'
    ? { pictures: 0, bytes, inferenceMicroseconds: 0, failures: 1 }
    : { pictures: 1, bytes, inferenceMicroseconds: event.inferenceMicroseconds, failures: 0 };
}

export type UsageStore = EventStore<UsageEvent>;

export function openUsageStore(options: {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly retentionDays: number;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}): UsageStore {
  return new EventStore({
    ...options,
    schema: usageEventSchema,
    partitionOf: ({ userId }) => userPartition(userId),
    countersOf: (event) => ({ ...usageOf(event) }),
    guardOf: (event) => notForgotten(userPartition(event.userId), event.occurredAt),
  });
}
