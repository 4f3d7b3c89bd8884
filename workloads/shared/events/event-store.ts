import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { z } from 'zod';
import { abortOptions } from '../service/aws.ts';
import { isConditionFailed } from '../service/dynamo-db.ts';
import { addition, unchanged } from './counter-expressions.ts';
import {
  type Counters,
  canonical,
  type DayProjection,
  dayKey,
  dayOf,
  eventKey,
  expiryOf,
  projectionOf,
  sortKeyRanges,
} from './event-items.ts';
import { EventTable, type EventTableOptions } from './event-table.ts';
import { type TransactItems, transact } from './transact.ts';

export interface RecordedEvent {
  /** The same in every copy of the event. */
  readonly eventId: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
}

/** 'refused': the guard's condition did not hold. */
export type AppendOutcome = 'stored' | 'duplicate' | 'expired' | 'refused';

export interface EventStoreOptions<E extends RecordedEvent> extends EventTableOptions {
  /** Whole days for which a day's events and projection are kept after the end of the day. */
  readonly retentionDays: number;
  /** Checks stored events when they are read. */
  readonly schema: z.ZodType<E>;
  /** Partition key of the event and of its projection. */
  readonly partitionOf: (event: E) => string;
  /** What the event adds to its day. */
  readonly countersOf: (event: E) => Counters;
  /** Counters of which every event changes one; a projection has at most 150 of them. @default all */
  readonly isCompared?: (name: string) => boolean;
  /** A condition on another item, checked in the transaction that stores the event. @default none */
  readonly guardOf?: (event: E) => Omit<NonNullable<TransactItems[number]['ConditionCheck']>, 'TableName'>;
}

/**
 * Append-only events in DynamoDB and their sums by partition and day. An event and its sums are written in one transaction,
 * so each projection is at any time the sum of exactly the stored events.
 */
export class EventStore<E extends RecordedEvent> {
  readonly countersOf: (event: E) => Counters;
  readonly #options: EventStoreOptions<E>;
  readonly #table: EventTable;

  constructor(options: EventStoreOptions<E>) {
    this.#options = options;
    this.#table = new EventTable(options);
    this.countersOf = options.countersOf;
  }

  /** Stores and counts an event. Idempotent: further copies of it are duplicates. */
  async append(event: E, abortSignal?: AbortSignal): Promise<AppendOutcome> {
    const { table, dynamoDb, retentionDays, partitionOf, countersOf, guardOf } = this.#options;
    const [pk, day] = [partitionOf(event), dayOf(event.occurredAt)];
    const expiresAtSeconds = expiryOf(day, retentionDays);
    if (expiresAtSeconds <= this.#table.nowSeconds()) return 'expired';
    const items: TransactItems = [
      {
        Put: {
          TableName: table,
          Item: { ...eventKey(pk, event.eventId), event, expiresAtSeconds },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      { Update: { TableName: table, Key: dayKey(pk, day), ...addition(countersOf(event), expiresAtSeconds) } },
    ];
    if (guardOf !== undefined) items.push({ ConditionCheck: { TableName: table, ...guardOf(event) } });
    const failed = await transact(dynamoDb, items, abortSignal);
    return failed === undefined ? 'stored' : failed === 0 ? 'duplicate' : 'refused';
  }

  /** Deletes an event and subtracts what it had added. Idempotent. */
  async withdraw(event: E, abortSignal?: AbortSignal): Promise<void> {
    const { table, dynamoDb, retentionDays, partitionOf, countersOf } = this.#options;
    const [pk, day] = [partitionOf(event), dayOf(event.occurredAt)];
    const expiresAtSeconds = expiryOf(day, retentionDays);
    const key = { TableName: table, Key: eventKey(pk, event.eventId) };
    const negative = Object.fromEntries(Object.entries(countersOf(event)).map(([name, value]) => [name, -value]));
    const exists = { ConditionExpression: 'attribute_exists(pk)' };
    const failed = await transact(
      dynamoDb,
      [
        { Delete: { ...key, ...exists } },
        { Update: { TableName: table, Key: dayKey(pk, day), ...addition(negative, expiresAtSeconds), ...exists } },
      ],
      abortSignal,
    );
    // The projection has expired and was deleted before the event.
    if (failed === 1) await dynamoDb.send(new DeleteCommand(key), abortOptions(abortSignal));
  }

  /** The events of a partition that have not expired, in no particular order. */
  async *eventsOf(pk: string, abortSignal?: AbortSignal): AsyncGenerator<E> {
    for await (const { event } of this.#table.query(pk, sortKeyRanges.events, 'current', abortSignal))
      yield this.#options.schema.parse(event);
  }

  /** The projections of a partition that have not expired, oldest first; both days are inclusive. */
  async projectionsOf(
    pk: string,
    days?: { readonly from: string; readonly to: string },
    abortSignal?: AbortSignal,
  ): Promise<readonly DayProjection[]> {
    const range = days === undefined ? sortKeyRanges.days : sortKeyRanges.daysBetween(days.from, days.to);
    const projections: DayProjection[] = [];
    for await (const item of this.#table.query(pk, range, 'current', abortSignal)) projections.push(projectionOf(item));
    return projections;
  }

  /** Every partition of the table, once. */
  partitions(abortSignal?: AbortSignal): AsyncGenerator<string> {
    return this.#table.partitions(abortSignal);
  }

  /**
   * Replaces a projection's counters unless it has changed since it was read; without counters it is deleted.
   * @returns whether it was replaced
   */
  async replace(pk: string, stored: DayProjection, counters: Counters, abortSignal?: AbortSignal): Promise<boolean> {
    const { table, dynamoDb, retentionDays } = this.#options;
    const key = dayKey(pk, stored.day);
    const condition = { TableName: table, ...unchanged(this.#compared(stored.counters)) };
    const expiresAtSeconds = expiryOf(stored.day, retentionDays);
    const empty = canonical({ day: stored.day, counters }) === undefined;
    try {
      if (empty) await dynamoDb.send(new DeleteCommand({ ...condition, Key: key }), abortOptions(abortSignal));
      else {
        const Item = { ...key, ...counters, expiresAtSeconds };
        await dynamoDb.send(new PutCommand({ ...condition, Item }), abortOptions(abortSignal));
      }
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  /** A condition may have 300 operators, a projection more counters than that. */
  #compared(counters: Counters): Counters {
    const { isCompared = () => true } = this.#options;
    return Object.fromEntries(Object.entries(counters).filter(([name]) => isCompared(name)));
  }

  /** Deletes at once what DynamoDB would delete later: expired items, and projections whose counters are all 0. */
  async purge(pk: string, abortSignal?: AbortSignal): Promise<void> {
    const { table, dynamoDb } = this.#options;
    for (const range of [sortKeyRanges.events, sortKeyRanges.days]) {
      for await (const { sk } of this.#table.query(pk, range, 'expired', abortSignal))
        await dynamoDb.send(new DeleteCommand({ TableName: table, Key: { pk, sk } }), abortOptions(abortSignal));
    }
    for (const projection of await this.projectionsOf(pk, undefined, abortSignal)) {
      if (canonical(projection) === undefined) await this.replace(pk, projection, {}, abortSignal);
    }
  }
}
