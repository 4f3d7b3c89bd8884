import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const instanceId = 'i-0123456789abcdef0';

async function terminate(TerminateInstanceInAutoScalingGroup: AwsResponse) {
  const sent = answerAws({ TerminateInstanceInAutoScalingGroup });
  return { result: (await loadHandler('terminate-worker'))({ instanceId }, lambdaContext()), sent };
}

describe('terminate-worker', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('terminate-worker has the group end the instance and keep its capacity', async () => {
    const { result, sent } = await terminate({});
    expect(await result).toEqual({ ended: true });
    expect(sent[0]!.input).toEqual({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: false });
  });

  it('an instance that has left its group is a result, not an error', async () => {
    const { result } = await terminate(() => {
      const message = `Instance Id not found - No managed instance found for instance ID ${instanceId}`;
      throw awsError('ValidationError', message);
    });
    expect(await result).toEqual({ ended: false });
  });

  it('any other refusal is thrown', async () => {
    const { result } = await terminate(() => {
      throw awsError('ValidationError', 'the instance is in a warm pool');
    });
    expect((await errorOf(result)).message).toBe('the instance is in a warm pool');
  });
});
