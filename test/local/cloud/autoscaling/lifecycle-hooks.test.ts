import { describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createScalingCloud, launchHook, type ScalingCloud, terminateHook } from '#support/scaling-cloud.ts';

const eventsOf = (workers: ScalingCloud) =>
  workers.eventsOf('aws.autoscaling').filter(({ 'detail-type': type }) => type.endsWith('Lifecycle Action'));

describe.concurrent('launch hooks', () => {
  it('a launch hook holds an instance in Pending:Wait until CONTINUE and publishes an event', async () => {
    await using workers = await createScalingCloud({ hooks: [launchHook] });
    await workers.scaleTo(1);
    const [member] = await workers.reach('Pending:Wait');
    expect(eventsOf(workers)).toMatchObject([
      {
        'detail-type': 'EC2 Instance-launch Lifecycle Action',
        resources: [expect.stringMatching(/autoScalingGroupName\/workers$/)],
        detail: {
          LifecycleActionToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
          AutoScalingGroupName: 'workers',
          LifecycleHookName: 'launch',
          EC2InstanceId: member!.InstanceId,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          Origin: 'EC2',
          Destination: 'AutoScalingGroup',
        },
      },
    ]);
    await workers.complete(member!.InstanceId, 'CONTINUE');
    await workers.reach('InService');
    const { AutoScalingInstances } = await workers.call('DescribeAutoScalingInstances', {
      InstanceIds: [member!.InstanceId],
    });
    expect(AutoScalingInstances).toMatchObject([{ AutoScalingGroupName: 'workers', LifecycleState: 'InService' }]);
  });

  it('an instance whose launch is abandoned is terminated and replaced', async () => {
    await using workers = await createScalingCloud({ hooks: [launchHook] });
    await workers.scaleTo(1);
    const [abandoned] = await workers.reach('Pending:Wait');
    await workers.complete(abandoned!.InstanceId, 'ABANDON');
    await eventually(async () => {
      const [replacement] = await workers.reach('Pending:Wait');
      expect(replacement?.InstanceId).not.toBe(abandoned?.InstanceId);
    });
    expect(workers.instances.terminated).toEqual([abandoned?.InstanceId]);
  });

  it('a launch hook takes its default result when the heartbeat timeout elapses', async () => {
    const hook = { ...launchHook, HeartbeatTimeout: 1, DefaultResult: 'CONTINUE' };
    await using workers = await createScalingCloud({ hooks: [hook] });
    await workers.scaleTo(1);
    const [member] = await workers.reach('Pending:Wait');
    const InstanceId = member!.InstanceId;
    await workers.call('RecordLifecycleActionHeartbeat', { LifecycleHookName: 'launch', InstanceId });
    await workers.reach('InService');
  });

  it('a lifecycle action can be completed by its token, once and only while it waits', async () => {
    await using workers = await createScalingCloud({ hooks: [launchHook] });
    await workers.scaleTo(1);
    const [member] = await workers.reach('Pending:Wait');
    const InstanceId = member!.InstanceId;
    const LifecycleActionToken = eventsOf(workers)[0]!.detail['LifecycleActionToken'];
    const completeByToken = () =>
      workers.call('CompleteLifecycleAction', {
        LifecycleHookName: 'launch',
        LifecycleActionToken,
        LifecycleActionResult: 'CONTINUE',
      });
    await completeByToken();
    await expect(completeByToken()).rejects.toMatchObject({
      code: 'ValidationError',
      message: `No active Lifecycle Action found with token ${LifecycleActionToken}`,
    });
    await expect(workers.complete(InstanceId, 'ABANDON')).rejects.toMatchObject({
      code: 'ValidationError',
      message: `No active Lifecycle Action found with instance ID ${InstanceId}`,
    });
    const refused = { code: 'ValidationError' };
    await expect(workers.complete(InstanceId, 'CONTINUE', 'absent')).rejects.toMatchObject(refused);
    await expect(workers.complete(InstanceId, 'MAYBE')).rejects.toMatchObject(refused);
  });

  it('the fault lifecycle-event-lost drops the event of one lifecycle action', async () => {
    await using workers = await createScalingCloud({ hooks: [launchHook], faults: ['lifecycle-event-lost:launch'] });
    await workers.scaleTo(2);
    await workers.reach('Pending:Wait', 'Pending:Wait');
    expect(eventsOf(workers)).toHaveLength(1);
  });
});

describe.concurrent('terminate hooks', () => {
  it('a terminate hook holds an instance until it is completed, while the replacement is launched', async () => {
    await using workers = await createScalingCloud({ hooks: [terminateHook] });
    await workers.scaleTo(1);
    const [member] = await workers.reach('InService');
    await workers.call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: member!.InstanceId,
      ShouldDecrementDesiredCapacity: 'false',
    });
    await workers.reach('InService', 'Terminating:Wait');
    expect(eventsOf(workers)).toMatchObject([
      {
        'detail-type': 'EC2 Instance-terminate Lifecycle Action',
        detail: { EC2InstanceId: member!.InstanceId, NotificationMetadata: 'drain', Destination: 'EC2' },
      },
    ]);
    const { terminated } = workers.instances;
    expect(terminated).toEqual([]);
    await workers.complete(member!.InstanceId, 'CONTINUE', 'terminate');
    await workers.reach('InService');
    await eventually(() => expect(terminated).toEqual([member!.InstanceId]));
  });

  it('a terminate hook lets the instance go after its heartbeat timeout', async () => {
    await using workers = await createScalingCloud({ hooks: [{ ...terminateHook, HeartbeatTimeout: 1 }] });
    await workers.scaleTo(1);
    await workers.reach('InService');
    await workers.scaleTo(0);
    await workers.reach();
  });
});

it('DescribeLifecycleHooks returns the hooks of the group and those that are resources of their own', async () => {
  await using workers = await createScalingCloud({ hooks: [launchHook] });
  await workers.cloud.create('AWS::AutoScaling::LifecycleHook', 'Hook', {
    AutoScalingGroupName: 'workers',
    ...terminateHook,
  });
  const { LifecycleHooks } = await workers.call('DescribeLifecycleHooks');
  expect(LifecycleHooks).toMatchObject([
    { LifecycleHookName: 'launch', HeartbeatTimeout: 900, GlobalTimeout: 90_000, DefaultResult: 'ABANDON' },
    { LifecycleHookName: 'terminate', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
  ]);
});
