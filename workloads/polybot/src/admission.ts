import { createHmac } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Job } from '@stepkube/shared/contracts/contracts.ts';
import { transact } from '@stepkube/shared/events/transact.ts';
import { jobExpiry, jobKey } from './notification-log.ts';

const secondsPerMinute = 60;
/** The counter of a minute; it is deleted some time after. */
const counterSeconds = 3_600;

/**
 * How many pictures each sender may send in a minute, over all pods: {pk "minute#<who>#<minute>", pictures: 7}. Who it is
 * cannot be read from the item: the id is keyed with the bot's token, as that of a job is.
 */
export class Admission {
  private readonly options: {
    readonly dynamoDb: DynamoDBDocumentClient;
    readonly table: string;
    readonly token: string;
    readonly picturesPerMinute: number;
    /** Unix milliseconds. @default Date.now */
    readonly now?: () => number;
  };

  constructor(options: Admission['options']) {
    this.options = options;
  }

  get picturesPerMinute(): number {
    return this.options.picturesPerMinute;
  }

  /** Until the next minute begins. */
  get retryAfterSeconds(): number {
    return secondsPerMinute - (this.nowSeconds() % secondsPerMinute);
  }

  /**
   * Counts a picture once, however often its message comes: it and its job are noted in one transaction.
   * @returns whether the picture may be taken
   */
  async admit({ jobId, userId }: Job): Promise<boolean> {
    const { dynamoDb, table: TableName, picturesPerMinute } = this.options;
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
          ...this.counter(userId),
          UpdateExpression: 'SET expiresAtSeconds = :expiry ADD pictures :one',
          ConditionExpression: 'attribute_not_exists(pictures) OR pictures < :most',
          ExpressionAttributeValues: {
            ':one': 1,
            ':most': picturesPerMinute,
            ':expiry': this.nowSeconds() + counterSeconds,
          },
        },
      },
    ]);
    // When it is the first that failed, the job is known: its picture was admitted before.
    return failed !== 1;
  }

  /**
   * Whoever sends too much gets one answer in a minute, not as many as they send pictures. What could not be told is told
   * with the next picture, or when the same message comes again.
   */
  async tellOnce(userId: string, tell: () => Promise<void>): Promise<void> {
    const { dynamoDb } = this.options;
    const counter = this.counter(userId);
    const claim = new UpdateCommand({
      ...counter,
      UpdateExpression: 'SET told = :yes, expiresAtSeconds = :expiry',
      ConditionExpression: 'attribute_not_exists(told)',
      ExpressionAttributeValues: { ':yes': true, ':expiry': this.nowSeconds() + counterSeconds },
    });
    try {
      await dynamoDb.send(claim);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return;
      throw error;
    }
    try {
      await tell();
    } catch (error) {
      await dynamoDb.send(new UpdateCommand({ ...counter, UpdateExpression: 'REMOVE told' }));
      throw error;
    }
  }

  private counter(userId: string) {
    const who = createHmac('sha256', this.options.token).update(`minute/${userId}`).digest('hex').slice(0, 32);
    const minute = Math.floor(this.nowSeconds() / secondsPerMinute);
    return { TableName: this.options.table, Key: { pk: `minute#${who}#${minute}` } };
  }

  private nowSeconds(): number {
    return Math.floor((this.options.now ?? Date.now)() / 1000);
  }
}
