import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { transact } from '@stepkube/shared/events/transact.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// The pauses between attempts are random: with 0 there are none.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

/** Cancels each transaction with the next codes; without further codes transactions succeed. */
function answering(...answers: readonly (readonly string[])[]) {
  const rest = [...answers];
  const send = vi.fn(async () => {
    const codes = rest.shift();
    if (codes === undefined) return {};
    const CancellationReasons = codes.map((Code) => ({ Code }));
    throw new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons });
  });
  return { send, dynamoDb: { send } as unknown as DynamoDBDocumentClient };
}

describe('transact', () => {
  it('transact returns the index of the item whose condition failed, without a retry', async () => {
    const { dynamoDb, send } = answering(['None', 'TransactionConflict', 'ConditionalCheckFailed']);
    expect(await transact(dynamoDb, [])).toBe(2);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'transact retries a transaction that was cancelled with %s',
    async (code) => {
      const { dynamoDb, send } = answering(['None', code], [code, 'None']);
      expect(await transact(dynamoDb, [])).toBeUndefined();
      expect(send).toHaveBeenCalledTimes(3);
    },
  );

  it('transact throws a RetryableError after 8 attempts', async () => {
    const { dynamoDb, send } = answering(...Array.from({ length: 9 }, () => ['TransactionConflict']));
    await expect(transact(dynamoDb, [])).rejects.toThrow(RetryableError);
    expect(send).toHaveBeenCalledTimes(8);
  });

  it('transact passes every other error on without a retry', async () => {
    const { dynamoDb, send } = answering(['ValidationError']);
    await expect(transact(dynamoDb, [])).rejects.toThrow(TransactionCanceledException);
    expect(send).toHaveBeenCalledTimes(1);
    send.mockRejectedValueOnce(new Error('no such table'));
    await expect(transact(dynamoDb, [])).rejects.toThrow('no such table');
  });

  it('transact stops between two attempts when its signal aborts', async () => {
    const abort = new AbortController();
    const { dynamoDb, send } = answering(['TransactionConflict'], ['TransactionConflict']);
    const ended = transact(dynamoDb, [], abort.signal);
    abort.abort();
    await expect(ended).rejects.toThrow('aborted');
    expect(send).toHaveBeenCalledTimes(1);
  });
});
