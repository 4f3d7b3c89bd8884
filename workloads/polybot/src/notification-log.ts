import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { TryAgainError } from '@stepkube/shared/queue/queue-consumer.ts';

/**
 * What can be said about a job, each once at the most, and none after one that outranks it: nobody is told that it takes
 * longer, or that it failed, once they have their answer. A job that is tried again after all may still be answered.
 */
const ranks = { late: 1, failed: 2, answer: 3 } as const;
export type Saying = keyof typeof ranks;

/** Longer than it takes to say something: a claim of this age belongs to a pod that is gone. */
const claimSeconds = 120;

/** What was said about each job, for all pods: {pk "job#9f2c...", said: 3, expiresAtSeconds}. */
export class Ledger {
  private readonly dynamoDb: DynamoDBDocumentClient;
  private readonly table: string;

  constructor(dynamoDb: DynamoDBDocumentClient, table: string) {
    this.dynamoDb = dynamoDb;
    this.table = table;
  }

  /**
   * Says something about a job unless it, or something that outranks it, was said already. It is said twice only when
   * the process ends between saying it and noting that.
   * @returns what `work` returned; undefined when nothing was said
   * @throws TryAgainError while another pod is at it, and what `work` throws
   */
  async say<T>(jobId: string, saying: Saying, work: () => Promise<T>, abortSignal?: AbortSignal) {
    const rank = ranks[saying];
    if (!(await this.claim(jobId, rank, abortSignal))) return undefined;
    let said: T;
    try {
      said = await work();
    } catch (error) {
      // A claim that stays only delays the next attempt.
      await this.update(jobId, { UpdateExpression: 'REMOVE claimedUntil' }).catch(() => undefined);
      throw error;
    }
    await this.update(jobId, {
      UpdateExpression: 'SET said = :rank REMOVE claimedUntil',
      ExpressionAttributeValues: { ':rank': rank },
    });
    return said;
  }

  private async claim(jobId: string, rank: number, abortSignal?: AbortSignal): Promise<boolean> {
    const nowSeconds = Date.now() / 1000;
    try {
      await this.update(
        jobId,
        {
          UpdateExpression: 'SET claimedUntil = :until, expiresAtSeconds = :expiry',
          ConditionExpression:
            '(attribute_not_exists(said) OR said < :rank) AND (attribute_not_exists(claimedUntil) OR claimedUntil < :now)',
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
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    const { Item = {} } = await this.dynamoDb.send(
      new GetCommand({ TableName: this.table, Key: jobKey(jobId), ConsistentRead: true }),
      within(abortSignal),
    );
    if (Number(Item['said'] ?? 0) >= rank) return false;
    const leftSeconds = Number(Item['claimedUntil'] ?? nowSeconds) - nowSeconds;
    throw new TryAgainError('another pod is saying something about the job', Math.max(1, leftSeconds));
  }

  private async update(
    jobId: string,
    change: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>,
    abortSignal?: AbortSignal,
  ): Promise<void> {
    const command = new UpdateCommand({ TableName: this.table, Key: jobKey(jobId), ...change });
    await this.dynamoDb.send(command, within(abortSignal));
  }
}

export const jobKey = (jobId: string) => ({ pk: `job#${jobId}` });

/** SQS keeps no message for longer than 14 days, nor does a job that was given up come back after them. */
export const jobExpiry = () => Math.ceil(Date.now() / 1000) + 14 * 86_400;

const within = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });
