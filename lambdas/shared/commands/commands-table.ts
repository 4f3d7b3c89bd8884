import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { clientSettings } from '../clients.ts';

const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings));

/** Time to live of an item: longer than any execution waits for a command. */
const ttlSeconds = 24 * 60 * 60;

/**
 * One command. start-command writes the token and finish-command the status, in either order; the second write returns
 * both.
 */
export interface CommandRecord {
  readonly commandId: string;
  readonly instanceId: string;
  /** Present from start-command's write until the task is completed. */
  readonly taskToken?: string;
  /** Present once the status-change event has arrived. */
  readonly status?: string;
}

/** Stores the token. @returns the item, or undefined if the command's task was completed before. */
export function storeToken(
  table: string,
  command: { readonly commandId: string; readonly instanceId: string; readonly taskToken: string },
  abortSignal: AbortSignal,
): Promise<CommandRecord | undefined> {
  const { commandId, ...values } = command;
  return upsert(table, commandId, { ...values, sentAtMilliseconds: Date.now() }, abortSignal);
}

/** Stores a final status. @returns the item, or undefined if the task was completed before: the event is a duplicate. */
export function storeStatus(
  table: string,
  command: { readonly commandId: string; readonly instanceId: string; readonly status: string },
  abortSignal: AbortSignal,
): Promise<CommandRecord | undefined> {
  const { commandId, ...values } = command;
  return upsert(table, commandId, values, abortSignal);
}

/** Marks the command's task as completed and deletes its token. */
export async function markCompleted(table: string, commandId: string, abortSignal: AbortSignal): Promise<void> {
  await dynamoDb.send(
    new UpdateCommand({
      TableName: table,
      Key: { commandId },
      UpdateExpression: 'SET completedAtMilliseconds = :now, expiresAtSeconds = :expiry REMOVE taskToken',
      ExpressionAttributeValues: { ':now': Date.now(), ':expiry': expiry() },
    }),
    { abortSignal },
  );
}

/** The commands that were sent before the given time (milliseconds since the epoch) and whose task is still open. */
export async function* findUncompleted(
  table: string,
  sentBeforeMilliseconds: number,
  abortSignal: AbortSignal,
): AsyncGenerator<CommandRecord> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await dynamoDb.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'attribute_exists(taskToken) AND sentAtMilliseconds < :before',
        ExpressionAttributeValues: { ':before': sentBeforeMilliseconds },
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
      { abortSignal },
    );
    yield* (page.Items ?? []) as CommandRecord[];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

async function upsert(
  table: string,
  commandId: string,
  values: Readonly<Record<string, string | number>>,
  abortSignal: AbortSignal,
): Promise<CommandRecord | undefined> {
  const names = Object.keys(values);
  try {
    const { Attributes } = await dynamoDb.send(
      new UpdateCommand({
        TableName: table,
        Key: { commandId },
        ConditionExpression: 'attribute_not_exists(completedAtMilliseconds)',
        UpdateExpression: `SET expiresAtSeconds = :expiry, ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ':expiry': expiry(),
          ...Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
        },
        ReturnValues: 'ALL_NEW',
      }),
      { abortSignal },
    );
    return Attributes as CommandRecord;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

function expiry(): number {
  return Math.floor(Date.now() / 1000) + ttlSeconds;
}
