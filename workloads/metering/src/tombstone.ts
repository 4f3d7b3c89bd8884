import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dayOf, expiryOf } from '@stepkube/shared/events/event-items.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';

/**
 * The item that records until when a user is forgotten: {pk "user#42", sk "forgotten", forgottenAt, expiresAtSeconds}.
 * `forgottenAt` is in Unix milliseconds. It expires together with the events it covers; later copies of those are refused
 * as expired.
 */
const tombstoneKey = (pk: string) => ({ pk, sk: 'forgotten' });

/** The condition under which an event that occurred at that time may still be stored. */
export const notForgotten = (pk: string, occurredAt: string) => ({
  Key: tombstoneKey(pk),
  ConditionExpression: 'attribute_not_exists(pk) OR forgottenAt < :occurredAt',
  ExpressionAttributeValues: { ':occurredAt': Date.parse(occurredAt) },
});

/** Creates the tombstone or moves it forward in time, never back: the events can arrive in any order. */
export async function putTombstone(options: {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly pk: string;
  readonly forgottenAt: string;
  readonly retentionDays: number;
  readonly abortSignal: AbortSignal;
}): Promise<void> {
  const { dynamoDb, table, pk, forgottenAt, retentionDays, abortSignal } = options;
  const command = new UpdateCommand({
    TableName: table,
    Key: tombstoneKey(pk),
    ConditionExpression: 'attribute_not_exists(pk) OR forgottenAt < :at',
    UpdateExpression: 'SET forgottenAt = :at, expiresAtSeconds = :expiry',
    ExpressionAttributeValues: {
      ':at': Date.parse(forgottenAt),
      ':expiry': expiryOf(dayOf(forgottenAt), retentionDays),
    },
  });
  try {
    await dynamoDb.send(command, { abortSignal });
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}
