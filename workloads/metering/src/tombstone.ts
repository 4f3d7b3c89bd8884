import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dayOf, expiryOf } from '@stepkube/shared/events/event-items.ts';

/**
 * The item that says until when a user is forgotten: {pk "user#42", sk "forgotten", forgottenAt, expiresAtSeconds}.
 * `forgottenAt` is Unix milliseconds. It expires with the events it is about: later they are refused for their age.
 */
const tombstoneKey = (pk: string) => ({ pk, sk: 'forgotten' });

/** The condition under which an event of that moment may still be stored. */
export const notForgotten = (pk: string, occurredAt: string) => ({
  Key: tombstoneKey(pk),
  ConditionExpression: 'attribute_not_exists(pk) OR forgottenAt < :occurredAt',
  ExpressionAttributeValues: { ':occurredAt': Date.parse(occurredAt) },
});

/** Puts the tombstone, or moves it forward; never back, whatever the order of the events. */
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
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
  }
}
