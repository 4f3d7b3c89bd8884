import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerAws } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

async function setCapacity(workers: number, groups: object[]) {
  const sent = answerAws({ DescribeAutoScalingGroups: { AutoScalingGroups: groups }, SetDesiredCapacity: {} });
  const handler = await loadHandler('set-worker-capacity', { WORKER_GROUP_NAME: 'stepkube-workers' });
  return { result: handler({ workers }, lambdaContext()), sent };
}

describe('set-worker-capacity', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('raises the group', async () => {
    const { result, sent } = await setCapacity(2, [{ DesiredCapacity: 0, MaxSize: 5 }]);
    expect(await result).toEqual({ desired: 2, changed: true });
    expect(sent.at(-1)?.input).toMatchObject({ AutoScalingGroupName: 'stepkube-workers', DesiredCapacity: 2 });
  });

  it.each([2, 4])('leaves a group of %i alone', async (current) => {
    const { result, sent } = await setCapacity(2, [{ DesiredCapacity: current, MaxSize: 5 }]);
    expect(await result).toEqual({ desired: current, changed: false });
    expect(sent).toHaveLength(1);
  });

  it('names the field, the value and the limit', async () => {
    const { result } = await setCapacity(7, [{ DesiredCapacity: 0, MaxSize: 5 }]);
    const error = await errorOf(result);
    expect(error.name).toBe('WorkerCapacityError');
    expect(error.message).toMatch(/workers: 7 .* 5/);
  });

  it('says when the group does not exist', async () => {
    const { result } = await setCapacity(2, []);
    expect((await errorOf(result)).message).toContain('stepkube-workers does not exist');
  });
});
