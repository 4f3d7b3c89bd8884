import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Job } from '@stepkube/shared/contracts/messages.ts';
import { type PlanName, plans } from '@stepkube/shared/contracts/plans.ts';
import { type TransactItems, transact } from '@stepkube/shared/events/transact.ts';
import { isConditionFailed } from '@stepkube/shared/service/dynamo-db.ts';
import { jobExpiry, jobKey } from './notification-log.ts';
import { type Counter, minuteCounterOf, monthCounterOf } from './sender-counters.ts';

export interface AdmissionOptions {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  readonly token: string;
  readonly picturesPerMinute: number;
  /** Of every user. */
  readonly plan: PlanName;
  /** Texts, commands and files that are no pictures. */
  readonly textsPerMinute: number;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** What is limited: a job, or a message without one. */
export type Sent = Pick<Job, 'userId' | 'requestedAt'>;

/** What a plan allows in a calendar month (UTC). */
export interface Quota {
  readonly plan: PlanName;
  readonly picturesPerMonth: number;
}

export type AdmissionOutcome = 'admitted' | 'too-many-a-minute' | 'quota';

/**
 * Limits what each sender sends, over all pods: pictures and texts of a clock minute, pictures of a calendar month (UTC). The
 * messages' own dates count: what was sent minutes apart and is delivered together after an outage is no flood.
 */
export class Admission {
  readonly picturesPerMinute: number;
  readonly quota: Quota;
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.picturesPerMinute = options.picturesPerMinute;
    this.quota = { plan: options.plan, ...plans[options.plan] };
  }

  /** Until the next minute begins. Messages of the past are not limited by it. */
  get retryAfterSeconds(): number {
    return 60 - (this.#nowSeconds() % 60);
  }

  /**
   * Counts a job's image once, however often Telegram delivers its message: the counts and a record of the job are written in
   * one transaction.
   */
  async admit({ jobId, userId, requestedAt }: Job): Promise<AdmissionOutcome> {
    const { table: TableName, token, picturesPerMinute } = this.#options;
    const month = monthCounterOf(token, userId, requestedAt);
    const failed = await transact(this.#options.dynamoDb, [
      {
        Put: {
          TableName,
          Item: { ...jobKey(jobId), countedIn: month.key.pk, expiresAtSeconds: jobExpiry() },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      { Update: this.#count(this.#minuteOf({ userId, requestedAt }), 'pictures', picturesPerMinute) },
      { Update: this.#count(month, 'pictures', this.quota.picturesPerMonth) },
    ]);
    // A failed first condition means that the job is known: its image was admitted before.
    return failed === 1 ? 'too-many-a-minute' : failed === 2 ? 'quota' : 'admitted';
  }

  /** Counts a message without a picture. @returns false when the sender's limit is reached */
  async admitText(sent: Sent): Promise<boolean> {
    const { dynamoDb, textsPerMinute } = this.#options;
    try {
      await dynamoDb.send(new UpdateCommand(this.#count(this.#minuteOf(sent), 'texts', textsPerMinute)));
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  /** Takes a job's image out of the month's count, once: it was not looked at, and not by its sender's fault. */
  async giveBack(jobId: string): Promise<void> {
    const { dynamoDb, table: TableName } = this.#options;
    const { Item } = await dynamoDb.send(new GetCommand({ TableName, Key: jobKey(jobId), ConsistentRead: true }));
    const countedIn: unknown = Item?.['countedIn'];
    if (typeof countedIn !== 'string') return;
    const isCounted = { ConditionExpression: 'countedIn = :month', ExpressionAttributeValues: { ':month': countedIn } };
    await transact(dynamoDb, [
      { Update: { TableName, Key: jobKey(jobId), UpdateExpression: 'REMOVE countedIn', ...isCounted } },
      {
        Update: {
          TableName,
          Key: { pk: countedIn },
          UpdateExpression: 'ADD pictures :less',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':less': -1 },
        },
      },
    ]);
  }

  /** The quota and what is left of it in the current month. */
  async quotaOf(userId: string): Promise<Quota & { readonly remaining: number }> {
    const { dynamoDb, table: TableName, token } = this.#options;
    const { key } = monthCounterOf(token, userId, new Date(this.#nowSeconds() * 1000).toISOString());
    const { Item } = await dynamoDb.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }));
    return { ...this.quota, remaining: Math.max(0, this.quota.picturesPerMonth - Number(Item?.['pictures'] ?? 0)) };
  }

  /**
   * Tells a sender about a refusal at most once per minute, not once per message. When `tell` fails, the next message or the next
   * delivery of this one tries again.
   */
  async tellOncePerMinute(sent: Sent, tell: () => Promise<void>): Promise<void> {
    const { dynamoDb, table: TableName } = this.#options;
    const { key: Key, expiresAtSeconds } = this.#minuteOf(sent);
    const teller = randomUUID();
    const claim = new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'SET told = :me, expiresAtSeconds = :expiry',
      // A write meets itself when its answer is lost and the client writes again.
      ConditionExpression: 'attribute_not_exists(told) OR told = :me',
      ExpressionAttributeValues: { ':me': teller, ':expiry': expiresAtSeconds },
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
      await dynamoDb.send(new UpdateCommand({ TableName, Key, UpdateExpression: 'REMOVE told' }));
      throw error;
    }
  }

  #minuteOf({ userId, requestedAt }: Sent): Counter {
    return minuteCounterOf(this.#options.token, userId, requestedAt, this.#nowSeconds());
  }

  #count(
    { key, expiresAtSeconds }: Counter,
    name: 'pictures' | 'texts',
    max: number,
  ): NonNullable<TransactItems[number]['Update']> {
    return {
      TableName: this.#options.table,
      Key: key,
      UpdateExpression: 'SET expiresAtSeconds = :expiry ADD #count :one',
      ConditionExpression: 'attribute_not_exists(#count) OR #count < :max',
      ExpressionAttributeNames: { '#count': name },
      ExpressionAttributeValues: { ':one': 1, ':max': max, ':expiry': expiresAtSeconds },
    };
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }
}
