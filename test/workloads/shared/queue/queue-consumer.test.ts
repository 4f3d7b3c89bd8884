import { SQSClient } from '@aws-sdk/client-sqs';
import {
  type MessageOutcome,
  QueueConsumer,
  type QueueConsumerOptions,
  TryAgainError,
} from '@stepkube/shared/queue/queue-consumer.ts';
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
  it('handles every message and deletes it', async () => {
    const handled: string[] = [];
    consume(async (name) => void handled.push(name));
    send('a', 'b', 'c');
    await aws.jobs.until(({ deleted }) => deleted === 3);
    expect(handled.sort()).toEqual(['a', 'b', 'c']);
  });

  it('works on no more messages at a time than it may', async () => {
    let [running, most] = [0, 0];
    consume(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    send(...'abcdefgh');
    await aws.jobs.until(({ deleted }) => deleted === 8);
    expect(most).toBe(2);
  });

  it('lets a failed message come back later, later with each failure', async () => {
    const { outcomes } = consume(() => Promise.reject(new Error('no')));
    send('a');
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 1);
    aws.jobs.hide(aws.jobs.messages[0]!.id, 0);
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 3);
    expect(aws.jobs.visibilityChanges).toEqual([5, 0, 10]);
    await vi.waitFor(() => expect(outcomes).toEqual(['failed', 'failed']));
    expect(aws.jobs.deleted).toBe(0);
  });

  it('lets the handler ask for a longer pause', async () => {
    consume(() => Promise.reject(new TryAgainError('busy', 7)));
    send('a');
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 1);
    aws.jobs.hide(aws.jobs.messages[0]!.id, 0);
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.length === 3);
    expect(aws.jobs.visibilityChanges).toEqual([7, 0, 10]);
  });

  it.each([
    { body: 'no JSON', reason: 'malformed: body: Invalid input: expected object, received undefined' },
    { body: '{"name":1}', reason: 'malformed: name: Invalid input: expected string, received number' },
  ])('moves a malformed message to the dead letters, unhandled, with the reason: $body', async ({ body, reason }) => {
    const handle = vi.fn(async () => undefined);
    const onGivenUp = vi.fn(async () => undefined);
    const { outcomes } = consume(handle, { onGivenUp });
    aws.jobs.send(body);
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages).toMatchObject([{ body, attributes: { reason: { StringValue: reason } } }]);
    await vi.waitFor(() => expect(outcomes).toEqual(['malformed']));
    expect([handle, onGivenUp].flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it('gives up after the last attempt: it tells, then moves the message to the dead letters with the reason', async () => {
    const given: object[] = [];
    const { outcomes } = consume(() => Promise.reject(new TypeError('no\u0000\nway')), {
      onGivenUp: async (content) => void given.push({ ...content, dead: aws.deadLetters.messages.length }),
    });
    aws.jobs.send('{"name":"a"}', {}, 2);
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

  it('does not try a message again that ended every consumer it had', async () => {
    const handle = vi.fn(async () => undefined);
    consume(handle);
    aws.jobs.send('{"name":"a"}', {}, 3);
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages[0]!.attributes['reason']!.StringValue).toBe(
      'ConsumersLostError: 3 attempts ended without an outcome',
    );
    expect(handle).not.toHaveBeenCalled();
  });

  it('keeps a message whose giving up could not be told', async () => {
    const { outcomes } = consume(() => Promise.reject(new Error('no')), {
      onGivenUp: () => Promise.reject(new Error('nobody listens')),
    });
    aws.jobs.send('{"name":"a"}', {}, 2);
    await vi.waitFor(() => expect(outcomes).toEqual(['failed']));
    expect([aws.jobs.deleted, aws.deadLetters.messages.length]).toEqual([0, 0]);
  });

  it('keeps a message invisible while it is worked on', async () => {
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

  it('finishes what is in hand when it stops', async () => {
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

  it('returns what takes too long when it stops, visible at once', async () => {
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
    expect(outcomes).toEqual(['returned']);
    expect(aws.jobs.visibilityChanges).toEqual([0]);
    expect(aws.jobs.messages[0]).toMatchObject({ visible: true });
  });
});
