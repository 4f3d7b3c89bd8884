import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { type Model, modelIdOf } from './models.ts';

/** What is known of a model besides its counts; it stays when they expire, so that versions keep their order. */
export type RegisteredModel = Omit<Model, 'days'>;

const registryPartition = 'models';

/**
 * Which models there are and when each was first seen: an item a model, pk "models", sk the model's id. The moment is the
 * least of all events', so it is the same in whatever order they come.
 */
export class ModelRegistry {
  private readonly dynamoDb: DynamoDBDocumentClient;
  private readonly table: string;
  /** Moments at or after which the table has nothing to learn, by model: most events cost no request. */
  private readonly known = new Map<string, string>();

  constructor(options: { readonly dynamoDb: DynamoDBDocumentClient; readonly table: string }) {
    this.dynamoDb = options.dynamoDb;
    this.table = options.table;
  }

  async see(
    { model, occurredAt }: Pick<AnalysisEvent, 'model' | 'occurredAt'>,
    abortSignal: AbortSignal,
  ): Promise<void> {
    const id = modelIdOf(model);
    const seenAt = new Date(occurredAt).toISOString();
    const known = this.known.get(id);
    if (known !== undefined && known <= seenAt) return;
    const command = new UpdateCommand({
      TableName: this.table,
      Key: { pk: registryPartition, sk: id },
      UpdateExpression: 'SET firstSeenAt = :seenAt, model = :model',
      ConditionExpression: 'attribute_not_exists(pk) OR firstSeenAt > :seenAt',
      ExpressionAttributeValues: { ':seenAt': seenAt, ':model': model },
    });
    try {
      await this.dynamoDb.send(command, { abortSignal });
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    }
    this.known.set(id, seenAt);
  }

  async all(): Promise<readonly RegisteredModel[]> {
    const models: RegisteredModel[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.dynamoDb.send(
        new QueryCommand({
          TableName: this.table,
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
