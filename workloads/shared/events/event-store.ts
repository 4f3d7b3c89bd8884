import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import type { z } from 'zod';
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
  skRanges,
} from './event-items.ts';
import { type TransactItems, transact } from './transact.ts';

export interface RecordedEvent {
  /** The same for every copy of the event. */
  readonly eventId: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
}

export type AppendOutcome = 'stored' | 'duplicate' | 'expired' | 'refused';

export interface EventStoreOptions<E extends RecordedEvent> {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  /** Whole days that a day's events and projection outlive the day. */
  readonly retentionDays: number;
  /** Stored events are checked by it when they are read. */
  readonly schema: z.ZodType<E>;
  /** pk of the event and its projection. */
  readonly partitionOf: (event: E) => string;
  /** What the event adds to its day. */
  readonly countersOf: (event: E) => Counters;
  /** When this check does not hold, the event is refused. Part of the transaction that stores it. */
  readonly guardOf?: (event: E) => Omit<NonNullable<TransactItems[number]['ConditionCheck']>, 'TableName'>;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

/**
 * Append-only events in DynamoDB and their sums by partition and day. An event and its sums are written in one
 * transaction, so at every moment each projection is the sum of exactly the events that are stored.
 */
export class EventStore<E extends RecordedEvent> {
  readonly countersOf: (event: E) => Counters;
  private readonly options: EventStoreOptions<E>;

  constructor(options: EventStoreOptions<E>) {
    this.options = options;
    this.countersOf = options.countersOf;
  }

  /** Stores an event once, however often it comes. */
  async append(event: E, abortSignal?: AbortSignal): Promise<AppendOutcome> {
    const { table, dynamoDb, retentionDays, partitionOf, countersOf, guardOf } = this.options;
    const [pk, day] = [partitionOf(event), dayOf(event.occurredAt)];
    const expiresAtSeconds = expiryOf(day, retentionDays);
    if (expiresAtSeconds <= this.nowSeconds()) return 'expired';
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

  /** Takes an event back, and what it has added. Doing it again changes nothing. */
  async withdraw(event: E, abortSignal?: AbortSignal): Promise<void> {
    const { table, dynamoDb, retentionDays, partitionOf, countersOf } = this.options;
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
    // The projection has expired and is gone already: only the event is left.
    if (failed === 1) await dynamoDb.send(new DeleteCommand(key), within(abortSignal));
  }

  /** The events of a partition that have not expired, in no order that means anything. */
  async *eventsOf(pk: string, abortSignal?: AbortSignal): AsyncGenerator<E> {
    for await (const { event } of this.query(pk, skRanges.events, abortSignal)) yield this.options.schema.parse(event);
  }

  /** The projections of a partition that have not expired, oldest first; days are inclusive. */
  async projectionsOf(
    pk: string,
    days?: { readonly from: string; readonly to: string },
    abortSignal?: AbortSignal,
  ): Promise<readonly DayProjection[]> {
    const range = days === undefined ? skRanges.days : skRanges.daysBetween(days.from, days.to);
    const projections: DayProjection[] = [];
    for await (const item of this.query(pk, range, abortSignal)) projections.push(projectionOf(item));
    return projections;
  }

  /** Every partition of the table, once. */
  async *partitions(abortSignal?: AbortSignal): AsyncGenerator<string> {
    const seen = new Set<string>();
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await this.options.dynamoDb.send(
        new ScanCommand({
          TableName: this.options.table,
          ProjectionExpression: 'pk',
          ConsistentRead: true,
          ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
        }),
        within(abortSignal),
      );
      for (const { pk } of page.Items ?? []) {
        if (seen.has(pk)) continue;
        seen.add(pk);
        yield pk;
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /**
   * Writes a projection anew unless it has changed since it was read; without counters it is deleted.
   * @returns whether it was written
   */
  async replace(pk: string, stored: DayProjection, counters: Counters, abortSignal?: AbortSignal): Promise<boolean> {
    const { table, dynamoDb, retentionDays } = this.options;
    const key = dayKey(pk, stored.day);
    const condition = { TableName: table, ...unchanged(stored.counters) };
    const expiresAtSeconds = expiryOf(stored.day, retentionDays);
    const empty = canonical({ day: stored.day, counters }) === undefined;
    try {
      if (empty) await dynamoDb.send(new DeleteCommand({ ...condition, Key: key }), within(abortSignal));
      else {
        const Item = { ...key, ...counters, expiresAtSeconds };
        await dynamoDb.send(new PutCommand({ ...condition, Item }), within(abortSignal));
      }
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }

  /** Deletes what DynamoDB would delete by itself sooner or later: expired items, and projections that count nothing. */
  async purge(pk: string, abortSignal?: AbortSignal): Promise<void> {
    const { table, dynamoDb } = this.options;
    for (const range of [skRanges.events, skRanges.days]) {
      for await (const { sk } of this.query(pk, range, abortSignal, 'expiresAtSeconds <= :now'))
        await dynamoDb.send(new DeleteCommand({ TableName: table, Key: { pk, sk } }), within(abortSignal));
    }
    for (const projection of await this.projectionsOf(pk, undefined, abortSignal)) {
      if (canonical(projection) === undefined) await this.replace(pk, projection, {}, abortSignal);
    }
  }

  private async *query(
    pk: string,
    range: { readonly from: string; readonly to: string },
    abortSignal?: AbortSignal,
    // DynamoDB deletes what has expired within days, not at once.
    FilterExpression = 'expiresAtSeconds > :now',
  ): AsyncGenerator<Record<string, unknown>> {
    const input: QueryCommandInput = {
      TableName: this.options.table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      FilterExpression,
      ExpressionAttributeValues: { ':pk': pk, ':from': range.from, ':to': range.to, ':now': this.nowSeconds() },
      ConsistentRead: true,
    };
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.options.dynamoDb.send(
        new QueryCommand({ ...input, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
        within(abortSignal),
      );
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  private nowSeconds(): number {
    return Math.floor((this.options.now ?? Date.now)() / 1000);
  }
}

const within = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });
