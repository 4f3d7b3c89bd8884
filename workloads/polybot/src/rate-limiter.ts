import { createHmac, randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Job } from '@stepkube/shared/contracts/messages.ts';
import { transact } from '@stepkube/shared/events/transact.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';
import { jobExpiry, jobKey } from './notification-log.ts';

const secondsPerMinute = 60;
/** How long the counter of a minute is kept. */
const counterTtlSeconds = 3_600;

export interface RateLimiterOptions {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly token: string;
  readonly picturesPerMinute: number;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

/**
 * Limits the images of each sender per clock minute of the messages' own dates (what was sent minutes apart and is delivered together
 * after an outage is no flood), over all pods: {pk "minute#<sender>#<minute>", pictures: 7}. The sender's
 * id is hashed with the bot's token as key, as in job ids, so that the items identify nobody.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  get picturesPerMinute(): number {
    return this.#options.picturesPerMinute;
  }

  /** Until the next minute begins. Messages of the past are not limited by it. */
  get retryAfterSeconds(): number {
    return secondsPerMinute - (this.#nowSeconds() % secondsPerMinute);
  }

  /**
   * Counts a job's image once, however often Telegram delivers its message: the count and a record of the job are written in
   * one transaction.
   * @returns false when the sender's limit is reached
   */
  async admit({ jobId, userId, requestedAt }: Job): Promise<boolean> {
    const { dynamoDb, table: TableName, picturesPerMinute } = this.#options;
    const failed = await transact(dynamoDb, [
      {
        Put: {
          TableName,
          Item: { ...jobKey(jobId), expiresAtSeconds: jobExpiry() },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      {
        Update: {
          ...this.#counter(userId, requestedAt),
          UpdateExpression: 'SET expiresAtSeconds = :expiry ADD pictures :one',
          ConditionExpression: 'attribute_not_exists(pictures) OR pictures < :max',
          ExpressionAttributeValues: {
            ':one': 1,
            ':max': picturesPerMinute,
            ':expiry': this.#nowSeconds() + counterTtlSeconds,
          },
        },
      },
    ]);
    // A failed first condition means that the job is known: its image was admitted before.
    return failed !== 1;
  }

  /**
   * Tells a sender about a refusal at most once per minute, not once per image. When `tell` fails, the next image or the next
   * delivery of the message tries again.
   */
  async tellOncePerMinute({ userId, requestedAt }: Job, tell: () => Promise<void>): Promise<void> {
    const { dynamoDb } = this.#options;
    const counter = this.#counter(userId, requestedAt);
    const teller = randomUUID();
    const claim = new UpdateCommand({
      ...counter,
      UpdateExpression: 'SET told = :me, expiresAtSeconds = :expiry',
      // A write meets itself when its answer is lost and the client writes again.
      ConditionExpression: 'attribute_not_exists(told) OR told = :me',
      ExpressionAttributeValues: { ':me': teller, ':expiry': this.#nowSeconds() + counterTtlSeconds },
    });
    try {
      await dynamoDb.send(claim);
    } catch (error) {
      if (isConditionFailed(error)) return;
      throw error;
    }
    try {
      await tell();
    } catch (error) {
      await dynamoDb.send(new UpdateCommand({ ...counter, UpdateExpression: 'REMOVE told' }));
      throw error;
    }
  }

  #counter(userId: string, requestedAt: string) {
    const sender = createHmac('sha256', this.#options.token).update(`minute/${userId}`).digest('hex').slice(0, 32);
    const minute = Math.floor(Date.parse(requestedAt) / 1000 / secondsPerMinute);
    return { TableName: this.#options.table, Key: { pk: `minute#${sender}#${minute}` } };
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }
}
