import { SQSClient } from '@aws-sdk/client-sqs';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type MessageOutcome, QueueConsumer, TryAgainError } from '../../../workloads/shared/queue-consumer.ts';
import { FakeAws } from '../../support/workloads/fake-aws.ts';

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

function consume(handle: (name: string, signal: AbortSignal) => Promise<void>, options: Partial<typeof defaults> = {}) {
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
const defaults = { concurrency: 2, visibilitySeconds: 60, drainSeconds: 5 };
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

  it.each(['no JSON', '{"name":1}'])('gives a malformed message back at once, unhandled: %s', async (body) => {
    const handle = vi.fn(async () => undefined);
    consume(handle);
    aws.jobs.send(body);
    await aws.jobs.until(({ messages }) => messages[0]!.receives > 1);
    expect(aws.jobs.visibilityChanges[0]).toBe(0);
    expect(handle).not.toHaveBeenCalled();
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
