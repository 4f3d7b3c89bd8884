import type { Result } from '@stepkube/shared/contracts/messages.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { jobOf } from '#support/workloads/jobs.ts';
import { completedResult } from '#support/workloads/results.ts';
import { JobCompletion } from '#workloads/yolo5/src/job-completion.ts';

const { signal } = new AbortController();
const job = jobOf('a'.repeat(32));
const model = { name: 'tiny', version: '1', sha256: '0'.repeat(64) };

/** What was done, in order. */
let steps: string[];
let sent: Result[];
/** Set by a test to let a step fail. */
let failures: Partial<Record<'predict' | 'send' | 'publish', Error>>;
let completion: JobCompletion;
beforeEach(() => {
  [steps, sent, failures] = [[], [], {}];
  const step = async (name: keyof typeof failures) => {
    steps.push(name);
    if (failures[name] !== undefined) throw failures[name];
  };
  completion = new JobCompletion({
    model,
    async predict({ jobId }) {
      await step('predict');
      return { result: completedResult(jobId), imageBytes: 7 };
    },
    async sendResult(result) {
      await step('send');
      sent.push(result);
    },
    publishEvent: () => step('publish'),
    onResultSent: (result, seconds) => steps.push(`sent ${result.status}${seconds >= 0 ? '' : ' too early'}`),
  });
});

describe('JobCompletion.complete', () => {
  it('a job is completed in the order prediction, result, event', async () => {
    await completion.complete(job, signal);
    expect(steps).toEqual(['predict', 'send', 'sent completed', 'publish']);
  });

  it('a job whose event is refused is retryable after five minutes, with the cause', async () => {
    failures.publish = new Error('planted');
    const error = await completion.complete(job, signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ retryAfterSeconds: 300, cause: failures.publish });
    expect(sent).toHaveLength(1);
  });

  it('a retry after a refused event publishes the event without a second result', async () => {
    failures.publish = new Error('planted');
    await completion.complete(job, signal).catch(() => undefined);
    failures = {};
    steps = [];
    await completion.complete(job, signal);
    expect(steps).toEqual(['publish']);
  });

  it('a job that is delivered again after its completion is processed again', async () => {
    await completion.complete(job, signal);
    await completion.complete(job, signal);
    expect(sent).toHaveLength(2);
  });

  it.each(['predict', 'send'] as const)('a failure of %s is passed on, and no event is published', async (name) => {
    failures[name] = new Error('planted');
    await expect(completion.complete(job, signal)).rejects.toBe(failures[name]);
    expect(steps).not.toContain('publish');
  });
});

describe('JobCompletion.apologize', () => {
  it('an apology is a result with status failed, without an event', async () => {
    await completion.apologize(job, signal);
    expect(sent).toMatchObject([{ jobId: job.jobId, replyTo: job.replyTo, status: 'failed', model }]);
    expect(steps).toEqual(['send', 'sent failed']);
  });
});
