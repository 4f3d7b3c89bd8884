import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { transact } from '@stepkube/shared/events/transact.ts';
import { TryAgainError } from '@stepkube/shared/queue/queue-consumer.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// The pauses between attempts are random shares of a growing time: none of them here.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

/** Answers each transaction with the next codes; none: it is written. */
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
  it('tells which condition did not hold, first of all', async () => {
    const { dynamoDb, send } = answering(['None', 'TransactionConflict', 'ConditionalCheckFailed']);
    expect(await transact(dynamoDb, [])).toBe(2);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'tries again after a %s',
    async (code) => {
      const { dynamoDb, send } = answering(['None', code], [code, 'None']);
      expect(await transact(dynamoDb, [])).toBeUndefined();
      expect(send).toHaveBeenCalledTimes(3);
    },
  );

  it('gives up after 8 attempts, for the queue to bring the event again', async () => {
    const { dynamoDb, send } = answering(...Array.from({ length: 9 }, () => ['TransactionConflict']));
    await expect(transact(dynamoDb, [])).rejects.toThrow(TryAgainError);
    expect(send).toHaveBeenCalledTimes(8);
  });

  it('lets every other error through at once', async () => {
    const { dynamoDb, send } = answering(['ValidationError']);
    await expect(transact(dynamoDb, [])).rejects.toThrow(TransactionCanceledException);
    expect(send).toHaveBeenCalledTimes(1);
    send.mockRejectedValueOnce(new Error('no such table'));
    await expect(transact(dynamoDb, [])).rejects.toThrow('no such table');
  });

  it('stops between two attempts when it is told to', async () => {
    const abort = new AbortController();
    const { dynamoDb, send } = answering(['TransactionConflict'], ['TransactionConflict']);
    const ended = transact(dynamoDb, [], abort.signal);
    abort.abort();
    await expect(ended).rejects.toThrow('aborted');
    expect(send).toHaveBeenCalledTimes(1);
  });
});
