import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { abortOptions } from '@stepkube/shared/service/aws.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';

/**
 * What a user can be told about a job. Each is sent at most once, and none after one of a higher rank: nobody is told that
 * a picture takes longer, or that it failed, after the answer. A failed job that is tried again can still be answered.
 */
const ranks = { late: 1, failed: 2, answer: 3 } as const;
export type Notification = keyof typeof ranks;

/** Longer than sending takes: an older claim belongs to a pod that no longer exists. */
const claimSeconds = 120;
const minRetrySeconds = 1;
/** SQS keeps a message for 14 days at most, so no job of a dead letter comes back later. */
const retentionSeconds = 14 * 86_400;

/** What was sent about each job, shared by all pods: {pk "job#9f2c...", notified: 3, expiresAtSeconds}. */
export class NotificationLog {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(dynamoDb: DynamoDBDocumentClient, table: string) {
    this.#dynamoDb = dynamoDb;
    this.#table = table;
  }

  /**
   * Sends a notification unless it, or one of a higher rank, was sent before. It is sent twice only when the process ends
   * between sending and recording it.
   * @returns what `send` returned; undefined when nothing was sent
   * @throws RetryableError while another pod holds the claim, and whatever `send` throws
   */
  async notifyOnce<T>(jobId: string, notification: Notification, send: () => Promise<T>, abortSignal?: AbortSignal) {
    if (!(await this.claim(jobId, notification, abortSignal))) return undefined;
    let sent: T;
    try {
      sent = await send();
    } catch (error) {
      // A claim that cannot be released only delays the next attempt.
      await this.release(jobId).catch(() => undefined);
      throw error;
    }
    await this.notified(jobId, notification);
    return sent;
  }

  /**
   * Reserves the right to notify for two minutes.
   * @returns false when this notification, or one of a higher rank, was sent before
   * @throws RetryableError while another pod holds the claim
   */
  async claim(jobId: string, notification: Notification, abortSignal?: AbortSignal): Promise<boolean> {
    const rank = ranks[notification];
    const nowSeconds = Date.now() / 1000;
    try {
      await this.#update(
        jobId,
        {
          UpdateExpression: 'SET claimedUntil = :until, expiresAtSeconds = :expiry',
          ConditionExpression:
            '(attribute_not_exists(notified) OR notified < :rank) AND (attribute_not_exists(claimedUntil) OR claimedUntil < :now)',
          ExpressionAttributeValues: {
            ':rank': rank,
            ':now': nowSeconds,
            ':until': nowSeconds + claimSeconds,
            ':expiry': jobExpiry(),
          },
        },
        abortSignal,
      );
      return true;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    const { Item = {} } = await this.#dynamoDb.send(
      new GetCommand({ TableName: this.#table, Key: jobKey(jobId), ConsistentRead: true }),
      abortOptions(abortSignal),
    );
    if (Number(Item['notified'] ?? 0) >= rank) return false;
    const leftSeconds = Number(Item['claimedUntil'] ?? nowSeconds) - nowSeconds;
    throw new RetryableError('another pod is notifying about the job', Math.max(minRetrySeconds, leftSeconds));
  }

  /** Records that a claimed notification was sent, and ends the claim. */
  async notified(jobId: string, notification: Notification): Promise<void> {
    await this.#update(jobId, {
      UpdateExpression: 'SET notified = :rank REMOVE claimedUntil',
      ExpressionAttributeValues: { ':rank': ranks[notification] },
    });
  }

  /** Ends a claim without a notification. */
  async release(jobId: string): Promise<void> {
    await this.#update(jobId, { UpdateExpression: 'REMOVE claimedUntil' });
  }

  async #update(
    jobId: string,
    change: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>,
    abortSignal?: AbortSignal,
  ): Promise<void> {
    const command = new UpdateCommand({ TableName: this.#table, Key: jobKey(jobId), ...change });
    await this.#dynamoDb.send(command, abortOptions(abortSignal));
  }
}

export const jobKey = (jobId: string) => ({ pk: `job#${jobId}` });

/** Unix seconds. */
export const jobExpiry = () => Math.ceil(Date.now() / 1000) + retentionSeconds;
