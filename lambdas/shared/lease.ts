import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { clientSettings } from './clients.ts';
import { name } from './contracts.ts';

const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings));

/** What only one execution may change at a time, and which execution that is. */
export const leaseRequest = z.strictObject({
  /** 'cluster', 'control-plane', or an instance id for its node */
  resource: name,
  /** ARN of the execution */
  owner: name,
});
export type LeaseRequest = z.output<typeof leaseRequest>;

/** {resource "cluster", owner "arn:...", takenAt "2026-11-26T12:00:00.000Z", expiresAtSeconds} */
export interface Lease extends LeaseRequest {
  readonly takenAt: string;
  readonly expiresAtSeconds: number;
}

/** Takes a lease that nobody has, that is the owner's own, that has ended, or that is `over`'s. @returns false when somebody else has it */
export async function takeLease(
  table: string,
  { resource, owner }: LeaseRequest,
  { seconds, over }: { readonly seconds: number; readonly over?: string },
  abortSignal: AbortSignal,
): Promise<boolean> {
  const nowMilliseconds = Date.now();
  const nowSeconds = Math.floor(nowMilliseconds / 1000);
  const lease: Lease = {
    resource,
    owner,
    takenAt: new Date(nowMilliseconds).toISOString(),
    expiresAtSeconds: Math.floor(nowSeconds + seconds),
  };
  const command = new PutCommand({
    TableName: table,
    Item: lease,
    ConditionExpression: 'attribute_not_exists(#owner) OR #owner IN (:owner, :over) OR expiresAtSeconds < :now',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':owner': owner, ':over': over ?? owner, ':now': nowSeconds },
  });
  return isTrue(dynamoDb.send(command, { abortSignal }));
}

export async function readLease(table: string, resource: string, abortSignal: AbortSignal): Promise<Lease | undefined> {
  const command = new GetCommand({ TableName: table, Key: { resource }, ConsistentRead: true });
  const { Item } = await dynamoDb.send(command, { abortSignal });
  return Item as Lease | undefined;
}

/** Ends a lease. @returns false when it is not the owner's (any more) */
export function releaseLease(
  table: string,
  { resource, owner }: LeaseRequest,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const command = new DeleteCommand({
    TableName: table,
    Key: { resource },
    ConditionExpression: '#owner = :owner',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':owner': owner },
  });
  return isTrue(dynamoDb.send(command, { abortSignal }));
}

/** @returns whether the write's condition was true */
async function isTrue(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
