import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
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

interface Claim {
  readonly jobId: string;
  /** Who claims: one attempt to notify. */
  readonly claimer: string;
}

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
    const claim = { jobId, claimer: randomUUID() };
    if (!(await this.#claim(claim, notification, abortSignal))) return undefined;
    let sent: T;
    try {
      sent = await send();
    } catch (error) {
      // A claim that cannot be released only delays the next attempt.
      await this.#release(claim).catch(() => undefined);
      throw error;
    }
    await this.#noteUntilNoted(jobId, notification);
    return sent;
  }

  /**
   * Reserves the right to notify for two minutes. From the first claim for an answer on there is an answer, which may only wait for
   * Telegram: nobody is told any more that it takes longer.
   * @returns false when this notification, or one of a higher rank, was sent before
   * @throws RetryableError while another pod holds the claim
   */
  async #claim({ jobId, claimer }: Claim, notification: Notification, abortSignal?: AbortSignal): Promise<boolean> {
    const rank = ranks[notification];
    const nowSeconds = Date.now() / 1000;
    const isLate = notification === 'late';
    try {
      await this.#update(
        jobId,
        {
          UpdateExpression: `SET claimedUntil = :until, claimer = :me, expiresAtSeconds = :expiry${isLate ? '' : ', hasAnswer = :yes'}`,
          // A claim meets itself when the answer to its first write is lost and the client writes again.
          ConditionExpression: [
            '(attribute_not_exists(notified) OR notified < :rank)',
            '(attribute_not_exists(claimedUntil) OR claimedUntil < :now OR claimer = :me)',
            ...(isLate ? ['attribute_not_exists(hasAnswer)'] : []),
          ].join(' AND '),
          ExpressionAttributeValues: {
            ':rank': rank,
            ':now': nowSeconds,
            ':until': nowSeconds + claimSeconds,
            ':me': claimer,
            ':expiry': jobExpiry(),
            ...(isLate ? {} : { ':yes': true }),
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
    if (Number(Item['notified'] ?? 0) >= rank || (isLate && Item['hasAnswer'] === true)) return false;
    const leftSeconds = Number(Item['claimedUntil'] ?? nowSeconds) - nowSeconds;
    throw new RetryableError('another pod is notifying about the job', Math.max(minRetrySeconds, leftSeconds));
  }

  /** What was said and is not noted would be said again: it is noted again until it is, or until the claim has ended. */
  async #noteUntilNoted(jobId: string, notification: Notification): Promise<void> {
    const deadline = Date.now() + claimSeconds * 1000;
    for (let pauseMilliseconds = 200; ; pauseMilliseconds = Math.min(5_000, pauseMilliseconds * 2)) {
      try {
        await this.#update(jobId, {
          UpdateExpression: 'SET notified = :rank REMOVE claimedUntil, claimer',
          ExpressionAttributeValues: { ':rank': ranks[notification] },
        });
        return;
      } catch (error) {
        if (Date.now() + pauseMilliseconds > deadline) throw error;
      }
      await wait(pauseMilliseconds);
    }
  }

  /** Ends a claim without a notification, unless it has ended and another pod has it. */
  async #release({ jobId, claimer }: Claim): Promise<void> {
    await this.#update(jobId, {
      UpdateExpression: 'REMOVE claimedUntil, claimer',
      ConditionExpression: 'claimer = :me',
      ExpressionAttributeValues: { ':me': claimer },
    });
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
