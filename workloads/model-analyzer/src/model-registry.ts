import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';
import { type Model, modelIdOf } from './models.ts';

/** A model without its counts. It does not expire with them, so that the order of versions is kept. */
export type RegisteredModel = Omit<Model, 'days'>;

const registryPartition = 'models';

/**
 * The models and when each was first seen: one item per model, pk "models", sk the model's id. `firstSeenAt` is the minimum
 * over all events, so it does not depend on their order.
 */
export class ModelRegistry {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #table: string;
  /** Model id -> a time that the stored `firstSeenAt` does not exceed: later events need no request. */
  readonly #known = new Map<string, string>();

  constructor(options: { readonly dynamoDb: DynamoDBDocumentClient; readonly table: string }) {
    this.#dynamoDb = options.dynamoDb;
    this.#table = options.table;
  }

  /** Creates the model's item, or moves its `firstSeenAt` back in time. */
  async register(
    { model, occurredAt }: Pick<AnalysisEvent, 'model' | 'occurredAt'>,
    abortSignal: AbortSignal,
  ): Promise<void> {
    const id = modelIdOf(model);
    const seenAt = new Date(occurredAt).toISOString();
    const known = this.#known.get(id);
    if (known !== undefined && known <= seenAt) return;
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: { pk: registryPartition, sk: id },
      UpdateExpression: 'SET firstSeenAt = :seenAt, model = :model',
      ConditionExpression: 'attribute_not_exists(pk) OR firstSeenAt > :seenAt',
      ExpressionAttributeValues: { ':seenAt': seenAt, ':model': model },
    });
    try {
      await this.#dynamoDb.send(command, { abortSignal });
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    this.#known.set(id, seenAt);
  }

  async all(): Promise<readonly RegisteredModel[]> {
    const models: RegisteredModel[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.#dynamoDb.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :models',
          ExpressionAttributeValues: { ':models': registryPartition },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      for (const { sk, model, firstSeenAt } of page.Items ?? []) models.push({ ...model, id: sk, firstSeenAt });
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return models;
  }
}
