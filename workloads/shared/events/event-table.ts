import { type DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { abortOptions } from '../service/aws.ts';
import type { SortKeyRange } from './event-items.ts';

export interface EventTableOptions {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

type Item = Readonly<Record<string, unknown>>;

/** Consistent, paginated reads of an events table. */
export class EventTable {
  readonly #options: EventTableOptions;

  constructor(options: EventTableOptions) {
    this.#options = options;
  }

  nowSeconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }

  /** Items of a partition, in the order of their sort keys. DynamoDB deletes expired items only within days. */
  async *query(
    pk: string,
    range: SortKeyRange,
    which: 'current' | 'expired',
    abortSignal?: AbortSignal,
  ): AsyncGenerator<Item> {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.#options.dynamoDb.send(
        new QueryCommand({
          TableName: this.#options.table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          FilterExpression: which === 'current' ? 'expiresAtSeconds > :now' : 'expiresAtSeconds <= :now',
          ExpressionAttributeValues: { ':pk': pk, ':from': range.from, ':to': range.to, ':now': this.nowSeconds() },
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
        abortOptions(abortSignal),
      );
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** Every partition of the table, once. */
  async *partitions(abortSignal?: AbortSignal): AsyncGenerator<string> {
    const seen = new Set<string>();
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.#options.dynamoDb.send(
        new ScanCommand({
          TableName: this.#options.table,
          ProjectionExpression: 'pk',
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
        abortOptions(abortSignal),
      );
      for (const { pk } of page.Items ?? []) {
        if (seen.has(pk)) continue;
        seen.add(pk);
        yield pk;
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }
}
