import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerAws, type CommandInput, type SentCommand } from '#support/aws-answers.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const group = 'stepkube-workers';
const topic = 'arn:aws:sns:us-east-1:123456789012:stepkube-alarms';
const hook = { autoScalingGroupName: group, lifecycleHookName: 'stepkube-launch' };
const idOf = (number: number) => `i-0aaaaaaaaaaaaaaa${number}`;
const joinFailed = (instance: string) => `JoinNode failed: stepkube-join-node on ${instance} failed with exit code 1`;

/** The group, the table and what was sent. Capacity of the group: `desired`. */
let desired: number;
let instances: { InstanceId: string; LifecycleState: string }[];
let tags: { Key: string }[];
let item: CommandInput;
let sent: SentCommand[];
let handler: Awaited<ReturnType<typeof loadHandler>>;

beforeEach(async () => {
  desired = 3;
  instances = [1, 2, 3].map((number) => ({ InstanceId: idOf(number), LifecycleState: 'Pending:Wait' }));
  instances[0]!.LifecycleState = 'InService';
  tags = [];
  item = undefined;
  sent = answerAws({
    DeleteTags: {},
    CompleteLifecycleAction: {},
    SuspendProcesses: {},
    ResumeProcesses: {},
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [{ DesiredCapacity: desired, MinSize: 2, Instances: instances, Tags: tags }],
    }),
    UpdateAutoScalingGroup: ({ DesiredCapacity }) => {
      desired = DesiredCapacity;
      return {};
    },
    Get: () => ({ Item: item }),
    Put: ({ Item, ExpressionAttributeValues }) => {
      if ((item?.version ?? 0) !== ExpressionAttributeValues[':version']) throw lostRace();
      item = structuredClone(Item);
      return {};
    },
    Delete: () => {
      item = undefined;
      return {};
    },
    Publish: {},
  });
  handler = await loadHandler('end-launch', {
    LAUNCHES_TABLE: 'stepkube-launches',
    ALARM_TOPIC_ARN: topic,
    CLUSTER_NAME: 'stepkube',
    AUTOSCALER_TAG: 'autoscaled',
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const lostRace = () => new ConditionalCheckFailedException({ message: 'changed', $metadata: {} });
const operations = () => sent.map(({ operation }) => operation);
const told = () => sent.filter(({ operation }) => operation === 'Publish').map(({ input }) => input);
const join = (instanceId: string) => handler({ ...hook, instanceId, result: 'CONTINUE' }, lambdaContext());
const fail = (instanceId: string, cause = joinFailed(instanceId)) =>
  handler({ ...hook, instanceId, result: 'ABANDON', failure: { error: 'JoinNodeFailed', cause } }, lambdaContext());
const refuse = (id: string) => {
  const detail = {
    StatusCode: 'Failed',
    AutoScalingGroupName: group,
    EC2InstanceId: '',
    StatusMessage: `We currently do not have sufficient t3.medium capacity. Request ${id}. Launching EC2 instance failed.`,
  };
  return handler(
    { id, time: '2026-11-26T18:00:00Z', 'detail-type': 'EC2 Instance Launch Unsuccessful', detail },
    lambdaContext(),
  );
};

describe('end-launch', () => {
  it('end-launch lets an instance enter service and forgets earlier failures', async () => {
    await fail(idOf(2));
    expect(await join(idOf(3))).toEqual({ hook: 'released' });
    expect(sent.at(-2)!.input).toMatchObject({ InstanceId: idOf(3), LifecycleActionResult: 'CONTINUE' });
    expect(item).toBeUndefined();
  });

  it('end-launch gives an instance up, and its group replaces it', async () => {
    expect(await fail(idOf(2))).toEqual({ hook: 'released' });
    expect(sent.at(-1)!.input).toMatchObject({ InstanceId: idOf(2), LifecycleActionResult: 'ABANDON' });
    expect(operations()).not.toContain('UpdateAutoScalingGroup');
  });

  it('the third launch in a row that fails with the same cause is not replaced, and the topic hears the cause', async () => {
    await fail('i-0bbbbbbbbbbbbbbb1');
    await fail('i-0bbbbbbbbbbbbbbb2');
    sent.length = 0;
    expect(await fail(idOf(3))).toEqual({ hook: 'released', stoppedAtCapacity: 2 });

    const steps = operations().filter((name) => !['Get', 'Put', 'DescribeAutoScalingGroups'].includes(name));
    expect(steps).toEqual([
      'SuspendProcesses',
      'CompleteLifecycleAction',
      'UpdateAutoScalingGroup',
      'ResumeProcesses',
      'Publish',
    ]);
    const update = sent.find(({ operation }) => operation === 'UpdateAutoScalingGroup');
    // The one that serves and the one that still joins stay.
    expect(update!.input).toEqual({ AutoScalingGroupName: group, DesiredCapacity: 2, MinSize: 2 });
    expect(told()).toEqual([
      {
        TopicArn: topic,
        Subject: 'ALARM: "stepkube-launch-loop"',
        Message: expect.stringMatching(/join-node on i-0aaaaaaaaaaaaaaa3 failed.*\n.*its capacity is 2\.\n.*provision/),
      },
    ]);
  });

  it('a stopped group loses the tag by which the cluster autoscaler would find it and raise it again', async () => {
    tags = [{ Key: 'Name' }, { Key: 'autoscaled' }];
    for (const instance of ['i-0bbbbbbbbbbbbbbb1', 'i-0bbbbbbbbbbbbbbb2', idOf(3)]) await fail(instance);
    const removed = sent.filter(({ operation }) => operation === 'DeleteTags').map(({ input }) => input);
    expect(removed).toEqual([{ Tags: [{ ResourceId: group, ResourceType: 'auto-scaling-group', Key: 'autoscaled' }] }]);
    // Before the capacity goes down: in between, the autoscaler could raise it.
    expect(operations().indexOf('DeleteTags')).toBeLessThan(operations().indexOf('UpdateAutoScalingGroup'));
    expect(told()[0]?.Message).toContain('The cluster autoscaler leaves the group alone until then.');
  });

  it('what still joins and fails after the stop is not replaced either, and nobody is told again', async () => {
    for (const instance of ['i-0bbbbbbbbbbbbbbb1', 'i-0bbbbbbbbbbbbbbb2', idOf(3)]) await fail(instance);
    instances.pop();
    expect(await fail(idOf(2))).toEqual({ hook: 'released', stoppedAtCapacity: 1 });
    expect(desired).toBe(1);
    expect(told()).toHaveLength(1);
  });

  it('a capacity that was raised after the stop gets three new launches', async () => {
    for (const instance of ['i-0bbbbbbbbbbbbbbb1', 'i-0bbbbbbbbbbbbbbb2', idOf(3)]) await fail(instance);
    desired = 3;
    expect(await fail('i-0cccccccccccccc01')).toEqual({ hook: 'released' });
    expect(await fail('i-0cccccccccccccc02')).toEqual({ hook: 'released' });
    expect(await fail('i-0cccccccccccccc03')).toMatchObject({ stoppedAtCapacity: 3 });
    expect(told()).toHaveLength(2);
  });

  it('three launches that fail with different causes are no loop', async () => {
    await fail('i-0bbbbbbbbbbbbbbb1');
    await fail('i-0bbbbbbbbbbbbbbb2', 'WaitForAgent failed: AgentOfflineError: offline');
    expect(await fail(idOf(3))).toEqual({ hook: 'released' });
  });

  it('one failure counts once, however often it is noted', async () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) expect(await fail(idOf(3))).toEqual({ hook: 'released' });
  });

  it('three refusals of EC2 are a loop, too', async () => {
    await refuse('12345678-1234-1234-1234-123456789011');
    await refuse('12345678-1234-1234-1234-123456789012');
    expect(await refuse('12345678-1234-1234-1234-123456789013')).toEqual({ stoppedAtCapacity: 3 });
    expect(told()[0].Message).toContain('sufficient t3.medium capacity');
  });

  it('a failure that another call noted at the same moment is not lost', async () => {
    await fail('i-0bbbbbbbbbbbbbbb1');
    const [first] = item.failures;
    const put = sent.length;
    const pending = fail(idOf(3));
    item = {
      ...item,
      version: item.version + 1,
      failures: [first, { launchId: 'i-0bbbbbbbbbbbbbbb2', cause: first.cause, at: 1 }],
    };
    expect(await pending).toMatchObject({ stoppedAtCapacity: 2 });
    expect(sent.slice(put).filter(({ operation }) => operation === 'Put').length).toBeGreaterThan(1);
  });
});
