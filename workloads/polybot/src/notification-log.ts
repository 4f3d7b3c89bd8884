import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
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
  /** An answer was being sent when its process ended: it may have arrived, nobody can tell. */
  readonly mayBeAnswered: boolean;
}

interface Taker {
  readonly claimer: string;
  /** Whose claim may be taken over: its own, when the answer to its first write is lost and the client writes again. */
  readonly over: string;
  /** That claim was for an answer. The doubt stays, also when the next attempt to tell of it fails. */
  readonly leavesDoubt?: boolean;
}

/** A claim is renewed while its notification is being sent: one that has ended belongs to a pod that no longer exists. */
const claimSeconds = 30;
const renewalMilliseconds = 10_000;
const minRetrySeconds = 1;
/** SQS keeps a message for 14 days at most, so no job of a dead letter comes back later. */
const retentionSeconds = 14 * 86_400;

/**
 * What was sent about each job, shared by all pods: {pk "job#9f2c...", notified: 3, expiresAtSeconds}; with claimer, claimed (the rank) and
 * claimedUntil (Unix seconds) while something is being sent, and mayBeAnswered once an answer was in doubt.
 */
export class NotificationLog {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(dynamoDb: DynamoDBDocumentClient, table: string) {
    this.#dynamoDb = dynamoDb;
    this.#table = table;
  }

  /**
   * Sends a notification unless it, or one of a higher rank, was sent before.
   * @param send is told whether an answer may have arrived already, because a process ended while sending it: then it must not send
   *   the answer again
   * @returns what `send` returned; undefined when nothing was sent
   * @throws RetryableError while another pod holds the claim, and whatever `send` throws
   */
  async notifyOnce<T>(
    jobId: string,
    notification: Notification,
    send: (mayBeAnswered: boolean) => Promise<T>,
    abortSignal?: AbortSignal,
  ): Promise<T | undefined> {
    const claim = await this.#claim(jobId, notification, abortSignal);
    if (claim === undefined) return undefined;
    const isOver = new AbortController();
    const renewal = this.#renew(claim, isOver.signal);
    let sent: T;
    try {
      sent = await send(claim.mayBeAnswered);
    } catch (error) {
      isOver.abort();
      await renewal;
      // A claim that is left behind would look like one of a process that ended while sending.
      await untilWritten(() => this.#release(claim)).catch(() => undefined);
      throw error;
    }
    isOver.abort();
    await renewal;
    // What was said and is not noted would be said again.
    await untilWritten(() => this.#note(jobId, notification));
    return sent;
  }

  /**
   * Reserves the right to notify. From the first claim for an answer on there is an answer, which may only wait for Telegram: nobody is
   * told any more that it takes longer.
   * @returns undefined when this notification, or one of a higher rank, was sent before
   * @throws RetryableError while another pod holds the claim
   */
  async #claim(jobId: string, notification: Notification, abortSignal?: AbortSignal): Promise<Claim | undefined> {
    const claimer = randomUUID();
    const taken = await this.#take(jobId, notification, { claimer, over: claimer }, abortSignal);
    if (taken !== undefined) return taken;
    const { Item = {} } = await this.#dynamoDb.send(
      new GetCommand({ TableName: this.#table, Key: jobKey(jobId), ConsistentRead: true }),
      abortOptions(abortSignal),
    );
    if (Number(Item['notified'] ?? 0) >= ranks[notification]) return undefined;
    if (notification === 'late' && Item['hasAnswer'] === true) return undefined;
    const leftSeconds = Number(Item['claimedUntil'] ?? 0) - Date.now() / 1000;
    if (leftSeconds <= 0) {
      const left = { over: String(Item['claimer']), leavesDoubt: Item['claimed'] === ranks.answer };
      const takenOver = await this.#take(jobId, notification, { claimer, ...left }, abortSignal);
      if (takenOver !== undefined) return takenOver;
    }
    throw new RetryableError('another pod is notifying about the job', Math.max(minRetrySeconds, leftSeconds));
  }

  /** @returns undefined when somebody else has the claim, or nothing is to be sent any more */
  async #take(
    jobId: string,
    notification: Notification,
    { claimer, over, leavesDoubt = false }: Taker,
    abortSignal?: AbortSignal,
  ): Promise<Claim | undefined> {
    const isLate = notification === 'late';
    const flags = [...(isLate ? [] : ['hasAnswer']), ...(leavesDoubt ? ['mayBeAnswered'] : [])];
    const sets = ['claimedUntil = :until', 'claimer = :me', 'claimed = :rank', 'expiresAtSeconds = :expiry'];
    const change = {
      UpdateExpression: `SET ${[...sets, ...flags.map((flag) => `${flag} = :yes`)].join(', ')}`,
      ConditionExpression: [
        '(attribute_not_exists(notified) OR notified < :rank)',
        '(attribute_not_exists(claimer) OR claimer = :over)',
        ...(isLate ? ['attribute_not_exists(hasAnswer)'] : []),
      ].join(' AND '),
      ExpressionAttributeValues: {
        ':rank': ranks[notification],
        ':until': claimEnd(),
        ':me': claimer,
        ':over': over,
        ':expiry': jobExpiry(),
        ...(flags.length > 0 && { ':yes': true }),
      },
      ReturnValues: 'ALL_NEW' as const,
    };
    try {
      const { Attributes } = await this.#update(jobId, change, abortSignal);
      return { jobId, claimer, mayBeAnswered: Attributes?.['mayBeAnswered'] === true };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      return undefined;
    }
  }

  async #renew({ jobId, claimer }: Claim, isOver: AbortSignal): Promise<void> {
    while (await pause(renewalMilliseconds, isOver)) {
      const renewal = this.#update(jobId, {
        UpdateExpression: 'SET claimedUntil = :until',
        ConditionExpression: 'claimer = :me',
        ExpressionAttributeValues: { ':until': claimEnd(), ':me': claimer },
      });
      // The next renewal comes before the claim ends.
      await renewal.catch(() => undefined);
    }
  }

  async #note(jobId: string, notification: Notification): Promise<void> {
    await this.#update(jobId, {
      UpdateExpression: 'SET notified = :rank REMOVE claimedUntil, claimer, claimed',
      ExpressionAttributeValues: { ':rank': ranks[notification] },
    });
  }

  /** Ends a claim without a notification, unless it has ended and another pod has it. */
  async #release({ jobId, claimer }: Claim): Promise<void> {
    const change = {
      UpdateExpression: 'REMOVE claimedUntil, claimer, claimed',
      ConditionExpression: 'claimer = :me',
      ExpressionAttributeValues: { ':me': claimer },
    };
    await this.#update(jobId, change).catch((error) => {
      if (!isConditionFailed(error)) throw error;
    });
  }

  async #update(
    jobId: string,
    change: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>,
    abortSignal?: AbortSignal,
  ): Promise<UpdateCommandOutput> {
    const command = new UpdateCommand({ TableName: this.#table, Key: jobKey(jobId), ...change });
    return this.#dynamoDb.send(command, abortOptions(abortSignal));
  }
}

export const jobKey = (jobId: string) => ({ pk: `job#${jobId}` });

/** Unix seconds. */
export const jobExpiry = () => Math.ceil(Date.now() / 1000) + retentionSeconds;

/** Unix seconds. */
const claimEnd = () => Date.now() / 1000 + claimSeconds;

/** @returns false when the signal came first */
const pause = (milliseconds: number, signal: AbortSignal) =>
  wait(milliseconds, true, { signal, ref: false }).catch(() => false);

/** Repeats a write until it succeeds or the claim has ended. */
async function untilWritten(write: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + claimSeconds * 1000;
  for (let pauseMilliseconds = 200; ; pauseMilliseconds = Math.min(5_000, pauseMilliseconds * 2)) {
    try {
      return await write();
    } catch (error) {
      if (Date.now() + pauseMilliseconds > deadline) throw error;
    }
    await wait(pauseMilliseconds);
  }
}
