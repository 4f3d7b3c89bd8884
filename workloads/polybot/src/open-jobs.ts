import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Job } from '@stepkube/shared/contracts/messages.ts';
import { transact } from '@stepkube/shared/events/transact.ts';
import { abortOptions } from '@stepkube/shared/service/aws.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';
import { jobExpiry, jobKey } from './notification-log.ts';
import { openJobsKeyOf } from './sender-counters.ts';

export interface OpenJobsOptions {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly token: string;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** Of one sender: an album of Telegram has at most ten pictures, and none of them should wait for the others. */
export const maxOpenJobs = 10;
/** A job that nothing was heard of for so long is over: its result was lost, or nobody has worked for long. */
const forgottenAfterSeconds = 900;
const ttlSeconds = 86_400;

/**
 * The jobs of a sender whose results have not come yet, over all pods: {pk "open#<sender>", jobs: {"9f2c..."}, forgottenAt}. The
 * others wait in front of the detector's queue, where they hold up nobody.
 */
export class OpenJobs {
  readonly #options: OpenJobsOptions;

  constructor(options: OpenJobsOptions) {
    this.#options = options;
  }

  /** Opens a job, once. @returns false while its sender has enough of them */
  async open({ jobId, userId }: Job, signal?: AbortSignal): Promise<boolean> {
    const { dynamoDb, table: TableName, token } = this.#options;
    const key = openJobsKeyOf(token, userId);
    const nowSeconds = Math.floor((this.#options.now ?? Date.now)() / 1000);
    const times = { ':forgottenAt': nowSeconds + forgottenAfterSeconds, ':expiry': nowSeconds + ttlSeconds };
    const noteSender = {
      Update: {
        TableName,
        Key: jobKey(jobId),
        UpdateExpression: 'SET openIn = :sender, expiresAtSeconds = :expiry',
        ExpressionAttributeValues: { ':sender': key.pk, ':expiry': jobExpiry() },
      },
    };
    const add = {
      TableName,
      Key: key,
      UpdateExpression: 'ADD jobs :job SET forgottenAt = :forgottenAt, expiresAtSeconds = :expiry',
      ConditionExpression: 'attribute_not_exists(jobs) OR size(jobs) < :max OR contains(jobs, :jobId)',
      ExpressionAttributeValues: { ...times, ':job': new Set([jobId]), ':jobId': jobId, ':max': maxOpenJobs },
    };
    if ((await transact(dynamoDb, [{ Update: add }, noteSender], signal)) === undefined) return true;
    const replace = {
      TableName,
      Key: key,
      UpdateExpression: 'SET jobs = :job, forgottenAt = :forgottenAt, expiresAtSeconds = :expiry',
      ConditionExpression: 'forgottenAt < :now',
      ExpressionAttributeValues: { ...times, ':job': new Set([jobId]), ':now': nowSeconds },
    };
    return (await transact(dynamoDb, [{ Update: replace }, noteSender], signal)) === undefined;
  }

  /** Closes a job; nothing happens when it is not open. */
  async close(jobId: string, signal?: AbortSignal): Promise<void> {
    const { dynamoDb, table: TableName } = this.#options;
    const read = new GetCommand({ TableName, Key: jobKey(jobId), ConsistentRead: true });
    const { Item } = await dynamoDb.send(read, abortOptions(signal));
    const sender: unknown = Item?.['openIn'];
    if (typeof sender !== 'string') return;
    const remove = new UpdateCommand({
      TableName,
      Key: { pk: sender },
      UpdateExpression: 'DELETE jobs :job',
      ConditionExpression: 'contains(jobs, :jobId)',
      ExpressionAttributeValues: { ':job': new Set([jobId]), ':jobId': jobId },
    });
    try {
      await dynamoDb.send(remove, abortOptions(signal));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }
}
