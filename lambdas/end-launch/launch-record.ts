import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { AwsUnavailableError } from '../shared/errors.ts';

const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings));

const launchFailure = z.object({
  /** Of the instance, or of the refusal that there is none. */
  launchId: z.string(),
  /** One sentence. */
  cause: z.string(),
  /** Unix seconds. */
  at: z.number(),
});
export type LaunchFailure = z.output<typeof launchFailure>;

/** The launches of a group since the last one that succeeded: {group, failures, stoppedAtCapacity?, version}. */
export const launchRecord = z.object({
  /** At most as many as make a loop, the newest last. */
  failures: z.array(launchFailure),
  /** What the capacity was set to when the loop was stopped. */
  stoppedAtCapacity: z.number().optional(),
});
export type LaunchRecord = z.output<typeof launchRecord>;

const stored = launchRecord.extend({ version: z.number(), expiresAtSeconds: z.number() });

const ttlSeconds = 7 * 86_400;
const maxAttempts = 5;

/**
 * Changes the record of a group; concurrent changes follow each other.
 * @throws AwsUnavailableError while others keep changing it
 */
export async function changeRecord(
  table: string,
  group: string,
  change: (record: LaunchRecord) => LaunchRecord,
  abortSignal: AbortSignal,
): Promise<LaunchRecord> {
  const options = { abortSignal };
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const get = new GetCommand({ TableName: table, Key: { group }, ConsistentRead: true });
    const { Item } = await dynamoDb.send(get, options);
    const nowSeconds = Math.floor(Date.now() / 1000);
    // Items that have expired stay for up to two days.
    const previous = stored.refine(({ expiresAtSeconds }) => expiresAtSeconds > nowSeconds).safeParse(Item).data;
    const record = change(launchRecord.parse(previous ?? { failures: [] }));
    const version = Number(Item?.['version'] ?? 0);
    const put = new PutCommand({
      TableName: table,
      Item: { group, ...record, version: version + 1, expiresAtSeconds: nowSeconds + ttlSeconds },
      ConditionExpression: 'attribute_not_exists(version) OR version = :version',
      ExpressionAttributeValues: { ':version': version },
    });
    try {
      await dynamoDb.send(put, options);
      return record;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  throw new AwsUnavailableError(`the record of launches of ${group} stays contended`);
}

/** A launch has succeeded: what failed before it does not count any more. */
export async function clearRecord(table: string, group: string, abortSignal: AbortSignal): Promise<void> {
  await dynamoDb.send(new DeleteCommand({ TableName: table, Key: { group } }), { abortSignal });
}
