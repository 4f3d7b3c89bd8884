import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerAws } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

async function setCapacity(event: object, groups: object[], environment: Readonly<Record<string, string>> = {}) {
  const sent = answerAws({
    DescribeAutoScalingGroups: { AutoScalingGroups: groups },
    UpdateAutoScalingGroup: {},
    CreateOrUpdateTags: {},
  });
  const handler = await loadHandler('set-worker-capacity', {
    WORKER_GROUP_NAME: 'stepkube-workers',
    DEFAULT_WORKERS: '2',
    MIN_WORKERS: '1',
    ...environment,
  });
  return { result: handler(event, lambdaContext()), sent };
}

describe('set-worker-capacity', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('set-worker-capacity raises the group to the requested capacity', async () => {
    const { result, sent } = await setCapacity({ workers: 3 }, [{ DesiredCapacity: 0, MinSize: 0, MaxSize: 5 }]);
    expect(await result).toEqual({ workers: 3, desired: 3, changed: true });
    expect(sent.at(-1)?.input).toEqual({
      AutoScalingGroupName: 'stepkube-workers',
      MinSize: 1,
      DesiredCapacity: 3,
    });
  });

  it('set-worker-capacity gives a group with enough workers the configured minimum and leaves its capacity', async () => {
    const { result, sent } = await setCapacity({}, [{ DesiredCapacity: 4, MinSize: 0, MaxSize: 5 }]);
    expect(await result).toEqual({ workers: 2, desired: 4, changed: true });
    expect(sent.at(-1)?.input).toMatchObject({ MinSize: 1, DesiredCapacity: 4 });
  });

  it.each([2, 4])('set-worker-capacity does not change a group of %i if 2 are requested', async (current) => {
    const { result, sent } = await setCapacity({ workers: 2 }, [{ DesiredCapacity: current, MinSize: 1, MaxSize: 5 }]);
    expect(await result).toEqual({ workers: 2, desired: current, changed: false });
    expect(sent).toHaveLength(1);
  });

  it('set-worker-capacity gives a group back the tag that it lost when a loop of launches was stopped', async () => {
    const group = { AutoScalingGroupName: 'stepkube-workers', DesiredCapacity: 2, MinSize: 1, MaxSize: 5 };
    const autoscaled = { AUTOSCALER_TAG: 'autoscaled' };
    const stopped = await setCapacity({}, [{ ...group, Tags: [] }], autoscaled);
    await stopped.result;
    expect(stopped.sent.at(-1)).toMatchObject({
      operation: 'CreateOrUpdateTags',
      input: { Tags: [{ ResourceId: 'stepkube-workers', Key: 'autoscaled', PropagateAtLaunch: false }] },
    });
    const well = await setCapacity({}, [{ ...group, Tags: [{ Key: 'autoscaled' }] }], autoscaled);
    await well.result;
    expect(well.sent.map(({ operation }) => operation)).toEqual(['DescribeAutoScalingGroups']);
  });

  it('set-worker-capacity refuses a capacity above the maximum with the field, the value and the limit', async () => {
    const { result } = await setCapacity({ workers: 7 }, [{ DesiredCapacity: 0, MinSize: 0, MaxSize: 5 }]);
    const error = await errorOf(result);
    expect(error.name).toBe('WorkerCapacityError');
    expect(error.message).toMatch(/workers: 7 .* 5/);
  });

  it('set-worker-capacity names a group that does not exist', async () => {
    const { result } = await setCapacity({}, []);
    expect((await errorOf(result)).message).toContain('stepkube-workers does not exist');
  });

  it.each([{}, { Comment: 'Insert your JSON here' }])(
    'set-worker-capacity takes %j for the configured capacity',
    async (event) => {
      const { result } = await setCapacity(event, [{ DesiredCapacity: 0, MinSize: 0, MaxSize: 5 }]);
      expect(await result).toMatchObject({ workers: 2, desired: 2 });
    },
  );

  it.each([
    [{ worker: 3 }, 'worker'],
    [{ workers: 0 }, 'workers'],
    [{ workers: '3' }, 'workers'],
  ])('set-worker-capacity refuses the input %j, naming the field', async (event, field) => {
    const { result, sent } = await setCapacity(event, []);
    const error = await errorOf(result);
    expect(error.name).toBe('InvalidInputError');
    expect(error.message).toContain(field);
    expect(sent).toEqual([]);
  });
});
