import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { TryAgainError } from '../queue/queue-consumer.ts';

export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Reasons that say nothing about the items' conditions: somebody else was writing, or too much was written. */
const passingReasons: ReadonlySet<string | undefined> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);
const mostAttempts = 8;
const longestPauseMilliseconds = 1_000;
const tryAgainSeconds = 5;

/**
 * Writes all or nothing. Conflicts with other writers are tried again after a short random pause.
 * @returns undefined when everything was written, or else the index of the first item whose condition did not hold.
 * @throws TryAgainError when the items stay contended.
 */
export async function transact(
  dynamoDb: DynamoDBDocumentClient,
  items: TransactItems,
  abortSignal?: AbortSignal,
): Promise<number | undefined> {
  const options = abortSignal === undefined ? {} : { abortSignal };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await dynamoDb.send(new TransactWriteCommand({ TransactItems: items }), options);
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      const failed = codes.indexOf('ConditionalCheckFailed');
      if (failed >= 0) return failed;
      if (!codes.some((code) => passingReasons.has(code))) throw error;
      if (attempt === mostAttempts)
        throw new TryAgainError('the items stay contended', tryAgainSeconds, { cause: error });
    }
    const pauseMilliseconds = Math.random() * Math.min(longestPauseMilliseconds, 20 * 2 ** attempt);
    await wait(pauseMilliseconds, undefined, abortSignal === undefined ? {} : { signal: abortSignal });
  }
}
