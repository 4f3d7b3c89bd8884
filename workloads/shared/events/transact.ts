import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { abortOptions } from '../service/aws.ts';
import { RetryableError } from '../service/retryable-error.ts';

export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Cancellation reasons that do not concern the items' conditions: another writer was active, or the table was throttled. */
const transientReasons: ReadonlySet<string | undefined> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);
const maxAttempts = 8;
const basePauseMilliseconds = 20;
const maxPauseMilliseconds = 1_000;
const retryAfterSeconds = 5;

/**
 * Writes all items or none. Conflicts with other writers are retried after a short random pause.
 * @returns undefined when everything was written; otherwise the index of the first item whose condition did not hold.
 * @throws RetryableError when the conflicts last.
 */
export async function transact(
  dynamoDb: DynamoDBDocumentClient,
  items: TransactItems,
  abortSignal?: AbortSignal,
): Promise<number | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await dynamoDb.send(new TransactWriteCommand({ TransactItems: items }), abortOptions(abortSignal));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      const failed = codes.indexOf('ConditionalCheckFailed');
      if (failed >= 0) return failed;
      if (!codes.some((code) => transientReasons.has(code))) throw error;
      if (attempt === maxAttempts)
        throw new RetryableError('the items stay contended', retryAfterSeconds, { cause: error });
    }
    const pauseMilliseconds = Math.random() * Math.min(maxPauseMilliseconds, basePauseMilliseconds * 2 ** attempt);
    await wait(pauseMilliseconds, undefined, abortSignal === undefined ? {} : { signal: abortSignal });
  }
}
