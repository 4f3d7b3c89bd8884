import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsClientSettings } from './aws.ts';

export function createDynamoDbClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient(awsClientSettings);
  retryConflicts(client);
  return DynamoDBDocumentClient.from(client);
}

/**
 * A single write that meets a transaction over the same item is refused, and may be repeated. The SDK does not: it knows only conflicts
 * between transactions.
 */
export function retryConflicts({ middlewareStack }: Pick<DynamoDBClient, 'middlewareStack'>): void {
  middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        if (error instanceof Error && error.name === 'TransactionConflictException')
          Object.assign(error, { $retryable: { throttling: false } });
        throw error;
      }
    },
    { step: 'deserialize', priority: 'high', name: 'retryConflicts' },
  );
}

/** The condition of a single write did not hold. By name: clients of two versions have two classes of it. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';
