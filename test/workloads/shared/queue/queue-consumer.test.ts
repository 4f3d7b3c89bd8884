import { SQSClient } from '@aws-sdk/client-sqs';
import { PermanentError } from '@stepkube/shared/queue/permanent-error.ts';
import { PostponedError } from '@stepkube/shared/queue/postponed-error.ts';
import {
  type MessageOutcome,
  QueueConsumer,
  type QueueConsumerOptions,
} from '@stepkube/shared/queue/queue-consumer.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { FakeAws } from '#support/workloads/fake-aws.ts';

const schema = z.object({ name: z.string() });

let aws: FakeAws;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  aws = await FakeAws.start();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0)) await stop();
  await aws[Symbol.asyncDispose]();
});

function consume(handle: (name: string, signal: AbortSignal) => Promise<void>, options: Partial<Defaults> = {}) {
  const outcomes: MessageOutcome[] = [];
  const consumer = new QueueConsumer({
    ...defaults,
    ...options,
    sqs: new SQSClient(aws.clientConfig),
    queueUrl: aws.queueUrl('jobs'),
    deadLetterQueueUrl: aws.queueUrl('dead-letters'),
    schema,
    log: pino({ enabled: false }),
    handle: ({ name }, signal) => handle(name, signal),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  stops.push(() => consumer.stop());
  consumer.start();
  return { consumer, outcomes };
}
const defaults = { concurrency: 2, visibilitySeconds: 60, drainSeconds: 5, attempts: 3 };
type Defaults = typeof defaults & Pick<QueueConsumerOptions<{ name: string }>, 'onGivenUp'>;
const send = (...names: readonly string[]) => {
  for (const name of names) aws.jobs.send(JSON.stringify({ name }));
};

describe('QueueConsumer', () => {
  it('QueueConsumer handles every message and deletes it', async () => {
    const handled: string[] = [];
    consume(async (name) => void handled.push(name));
    send('a', 'b', 'c');
    await aws.jobs.until(({ deleted }) => deleted === 3);
    expect(handled.sort()).toEqual(['a', 'b', 'c']);
  });

  it('QueueConsumer handles no more than `concurrency` messages at the same time', async () => {
    let [running, maxRunning] = [0, 0];
    consume(async () => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    send(...'abcdefgh');
    await aws.jobs.until(({ deleted }) => deleted === 8);
    expect(maxRunning).toBe(2);
  });

  it('QueueConsumer returns a failed message to the queue with a delay that doubles with each attempt', async () => {
    const { outcomes } = consume(() => Promise.reject(new Error('no')));
    send('a');
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 1);
    aws.jobs.hide(aws.jobs.messages[0]!.id, 0);
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 3);
    expect(aws.jobs.visibilityChanges).toEqual([5, 0, 10]);
    await vi.waitFor(() => expect(outcomes).toEqual(['failed', 'failed']));
    expect(aws.jobs.deleted).toBe(0);
  });

  it('QueueConsumer uses the delay of a RetryableError when it is longer than its own', async () => {
    consume(() => Promise.reject(new RetryableError('busy', 7)));
    send('a');
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 1);
    aws.jobs.hide(aws.jobs.messages[0]!.id, 0);
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 3);
    expect(aws.jobs.visibilityChanges).toEqual([7, 0, 10]);
  });

  it.each([
    { body: 'no JSON', reason: 'malformed: body: Invalid input: expected object, received undefined' },
    { body: '{"name":1}', reason: 'malformed: name: Invalid input: expected string, received number' },
  ])(
    'QueueConsumer moves the malformed message $body to the dead letters with the reason and does not handle it',
    async ({ body, reason }) => {
      const handle = vi.fn(async () => undefined);
      const onGivenUp = vi.fn(async () => undefined);
      const { outcomes } = consume(handle, { onGivenUp });
      aws.jobs.send(body);
      await aws.jobs.until(({ deleted }) => deleted === 1);
      expect(aws.deadLetters.messages).toMatchObject([{ body, attributes: { reason: { StringValue: reason } } }]);
      await vi.waitFor(() => expect(outcomes).toEqual(['malformed']));
      expect([handle, onGivenUp].flatMap(({ mock }) => mock.calls)).toEqual([]);
    },
  );

  it('QueueConsumer postpones a message as a new one with a delay, in its group, which uses up no attempt', async () => {
    const handle = vi.fn(async () => Promise.reject(new PostponedError('later', 61.2)));
    const { outcomes } = consume(handle);
    aws.jobs.send('{"name":"a"}', {}, { receives: 2, groupId: 'g' });
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.jobs.messages).toMatchObject([{ body: '{"name":"a"}', delaySeconds: 62, groupId: 'g', receives: 0 }]);
    expect(aws.deadLetters.messages).toEqual([]);
    await vi.waitFor(() => expect(outcomes).toEqual(['postponed']));
  });

  it('QueueConsumer postpones for a quarter of an hour at most, as SQS does', async () => {
    consume(async () => Promise.reject(new PostponedError('later', 4_000)));
    send('a');
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.jobs.messages).toMatchObject([{ delaySeconds: 900 }]);
  });

  it('QueueConsumer calls onGivenUp after the last attempt, then moves the message to the dead letters with the reason', async () => {
    const given: object[] = [];
    const { outcomes } = consume(() => Promise.reject(new TypeError('no\u0000\nway')), {
      onGivenUp: async (content) => void given.push({ ...content, dead: aws.deadLetters.messages.length }),
    });
    aws.jobs.send('{"name":"a"}', {}, { receives: 2 });
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(given).toEqual([{ name: 'a', dead: 0 }]);
    expect(aws.deadLetters.messages).toMatchObject([
      {
        body: '{"name":"a"}',
        attributes: {
          reason: { DataType: 'String', StringValue: 'TypeError: no way' },
          attempts: { DataType: 'Number', StringValue: '3' },
        },
      },
    ]);
    await vi.waitFor(() => expect(outcomes).toEqual(['given-up']));
  });

  it('QueueConsumer moves a message to the dead letters unhandled when all attempts ended without an outcome', async () => {
    const handle = vi.fn(async () => undefined);
    consume(handle);
    aws.jobs.send('{"name":"a"}', {}, { receives: 3 });
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages[0]!.attributes['reason']!.StringValue).toBe(
      'ConsumersLostError: 3 attempts ended without an outcome',
    );
    expect(handle).not.toHaveBeenCalled();
  });

  it('QueueConsumer leaves a message in the queue when onGivenUp fails', async () => {
    const { outcomes } = consume(() => Promise.reject(new Error('no')), {
      onGivenUp: () => Promise.reject(new Error('nobody listens')),
    });
    aws.jobs.send('{"name":"a"}', {}, { receives: 2 });
    await vi.waitFor(() => expect(outcomes).toEqual(['failed']));
    expect([aws.jobs.deleted, aws.deadLetters.messages.length]).toEqual([0, 0]);
  });

  it('QueueConsumer extends the visibility timeout while a message is being handled, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    consume(() => {
      started.resolve();
      return release.promise;
    });
    send('a');
    await started.promise;
    vi.advanceTimersByTime(61_000);
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 2);
    expect(aws.jobs.visibilityChanges).toEqual([60, 60]);
    release.resolve();
    await aws.jobs.until(({ deleted }) => deleted === 1);
    vi.advanceTimersByTime(120_000);
    expect(aws.jobs.visibilityChanges).toHaveLength(2);
  });

  it('QueueConsumer.stop waits for the message that is being handled', async () => {
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { consumer, outcomes } = consume(() => {
      started.resolve();
      return release.promise;
    });
    send('a');
    await started.promise;
    const stopped = consumer.stop();
    release.resolve();
    await stopped;
    expect(outcomes).toEqual(['done']);
    expect(aws.jobs.messages).toEqual([]);
  });

  it('QueueConsumer.stop lets its long poll end and handles what it brings', async () => {
    const handled: string[] = [];
    const { consumer } = consume(async (name) => void handled.push(name));
    await aws.jobs.polled();
    const stopped = consumer.stop();
    send('late');
    await stopped;
    expect(handled).toEqual(['late']);
    expect(aws.jobs.messages).toEqual([]);
  });

  it('a message for which no attempt can succeed is given up at the first', async () => {
    consume(() => Promise.reject(new PermanentError('never')));
    send('a');
    await aws.deadLetters.until(({ messages }) => messages.length === 1);
    expect(aws.deadLetters.messages[0]!.attributes['reason']!.StringValue).toBe('PermanentError: never');
  });

  it('a malformed message of the largest size is given up, without attributes that would not fit', async () => {
    consume(async () => undefined);
    aws.jobs.send('x'.repeat(1_048_576));
    await aws.deadLetters.until(({ messages }) => messages.length === 1);
    expect(aws.deadLetters.messages[0]!.attributes).toEqual({});
  });

  it('QueueConsumer.stop returns messages that take longer than drainSeconds to the queue, visible at once', async () => {
    const started = Promise.withResolvers<void>();
    const { consumer, outcomes } = consume(
      (_name, signal) => {
        started.resolve();
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      { drainSeconds: 0 },
    );
    send('a');
    await started.promise;
    await consumer.stop();
    // Visible again, it may come once more by the poll that is still under way, and is returned again.
    expect(new Set(outcomes)).toEqual(new Set(['returned']));
    expect(new Set(aws.jobs.visibilityChanges)).toEqual(new Set([0]));
    expect(aws.jobs.messages[0]).toMatchObject({ visible: true });
  });
});
