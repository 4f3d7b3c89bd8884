import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const input = {
  autoScalingGroupName: 'stepkube-workers',
  lifecycleHookName: 'stepkube-launch',
  instanceId: 'i-0123456789abcdef0',
  result: 'CONTINUE',
};

async function complete(CompleteLifecycleAction: AwsResponse, event: object = input) {
  const sent = answerAws({ CompleteLifecycleAction });
  const handler = await loadHandler('complete-lifecycle-action');
  return { result: handler(event, lambdaContext()), sent };
}

describe('complete-lifecycle-action', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each(['CONTINUE', 'ABANDON'])('complete-lifecycle-action completes the hook with %s', async (result) => {
    const { result: outcome, sent } = await complete({}, { ...input, result });
    expect(await outcome).toEqual({ hook: 'released' });
    expect(sent[0]?.input).toEqual({
      AutoScalingGroupName: 'stepkube-workers',
      LifecycleHookName: 'stepkube-launch',
      InstanceId: 'i-0123456789abcdef0',
      LifecycleActionResult: result,
    });
  });

  it('complete-lifecycle-action returns an expired hook as a result', async () => {
    const { result } = await complete(() => {
      throw awsError('ValidationError', 'No active Lifecycle Action found with instance ID i-0123456789abcdef0');
    });
    expect(await result).toEqual({ hook: 'expired' });
  });

  it('complete-lifecycle-action throws any other validation error', async () => {
    const { result } = await complete(() => {
      throw awsError('ValidationError', 'AutoScalingGroup name not found');
    });
    expect((await errorOf(result)).message).toBe('AutoScalingGroup name not found');
  });

  it('complete-lifecycle-action refuses a result other than CONTINUE and ABANDON', async () => {
    const { result } = await complete({}, { ...input, result: 'RETRY' });
    expect((await errorOf(result)).name).toBe('InvalidInputError');
  });
});
