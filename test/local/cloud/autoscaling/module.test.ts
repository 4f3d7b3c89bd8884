import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAutoScalingModule } from '#local/cloud/autoscaling/module.ts';
import { createEc2Module } from '#local/cloud/ec2/module.ts';
import { type BusEvent, connectBus } from '#local/cloud/events/bus.ts';
import { createEc2Resources } from '#support/ec2-resources.ts';
import { createFakeCloud, type FakeCloud } from '#support/fake-cloud.ts';
import { createFakeInstances, type FakeInstances } from '#support/fake-instances.ts';

interface Member {
  readonly InstanceId: string;
  readonly LifecycleState: string;
  readonly AvailabilityZone: string;
}

let cloud: FakeCloud;
let instances: FakeInstances;
const events: BusEvent[] = [];

const launchHook = {
  LifecycleHookName: 'launch',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  HeartbeatTimeout: 900,
  DefaultResult: 'ABANDON',
};
const terminateHook = {
  LifecycleHookName: 'terminate',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: 3600,
  DefaultResult: 'CONTINUE',
  NotificationMetadata: 'drain',
};

beforeEach(async () => {
  instances = createFakeInstances();
  await setUp();
});

afterEach(() => cloud.stop());

async function setUp(faults: readonly string[] = []): Promise<void> {
  cloud = await createFakeCloud({ instances, faults });
  cloud.add(createEc2Module(cloud.core));
  cloud.add(createAutoScalingModule(cloud.core));
  events.length = 0;
  connectBus(cloud.core, async (event) => {
    if (event.source === 'aws.autoscaling') events.push(event);
  });
}

async function createGroup(hooks: readonly object[] = [], more: object = {}): Promise<void> {
  const { launchTemplateId, subnetIds } = await createEc2Resources(cloud);
  await cloud.create('AWS::AutoScaling::AutoScalingGroup', 'Workers', {
    AutoScalingGroupName: 'workers',
    MinSize: '0',
    MaxSize: '4',
    LaunchTemplate: { LaunchTemplateId: launchTemplateId, Version: '1' },
    VPCZoneIdentifier: subnetIds,
    LifecycleHookSpecificationList: hooks,
    Tags: [{ Key: 'Name', Value: 'worker', PropagateAtLaunch: true }],
    ...more,
  });
  await cloud.start();
}

const call = (operation: string, input: object = {}) =>
  cloud.call('autoscaling', operation, { AutoScalingGroupName: 'workers', ...input });
const scaleTo = (count: number) => call('SetDesiredCapacity', { DesiredCapacity: String(count) });

async function members(): Promise<Member[]> {
  const { AutoScalingGroups } = await cloud.call('autoscaling', 'DescribeAutoScalingGroups', {
    AutoScalingGroupNames: ['workers'],
  });
  return AutoScalingGroups[0].Instances;
}

function reach(...states: string[]): Promise<Member[]> {
  return vi.waitFor(async () => {
    const reached = await members();
    expect(reached.map(({ LifecycleState }) => LifecycleState).sort()).toEqual(states);
    return reached;
  });
}

const complete = (InstanceId: string, LifecycleActionResult: string, LifecycleHookName = 'launch') =>
  call('CompleteLifecycleAction', { LifecycleHookName, InstanceId, LifecycleActionResult });

describe('a group', () => {
  it('starts at its minimum and follows its desired capacity, spread over the zones', async () => {
    await createGroup([], { MinSize: '1' });
    await reach('InService');
    await scaleTo(4);
    const four = await reach('InService', 'InService', 'InService', 'InService');
    expect(four.map(({ AvailabilityZone }) => AvailabilityZone).sort()).toEqual([
      'eu-west-1a',
      'eu-west-1a',
      'eu-west-1b',
      'eu-west-1b',
    ]);
    expect(instances.booted[0]?.tags).toMatchObject({ Name: 'worker', 'aws:autoscaling:groupName': 'workers' });
    await scaleTo(2);
    const two = await reach('InService', 'InService');
    expect(new Set(two.map(({ AvailabilityZone }) => AvailabilityZone)).size).toBe(2);
    await vi.waitFor(() => expect(instances.terminated).toHaveLength(2));
  });

  it('replaces an instance that somebody else terminated', async () => {
    await createGroup();
    await scaleTo(1);
    const [lost] = await reach('InService');
    await cloud.call('ec2', 'TerminateInstances', { InstanceId: [lost!.InstanceId] });
    await vi.waitFor(async () => {
      const [replacement] = await reach('InService');
      expect(replacement?.InstanceId).not.toBe(lost?.InstanceId);
    });
  });

  it('terminates one instance, replacing it or shrinking', async () => {
    await createGroup();
    await scaleTo(2);
    const [first, second] = await reach('InService', 'InService');
    const terminate = (InstanceId: string, shrink: boolean) =>
      call('TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity: String(shrink) });
    await terminate(first!.InstanceId, true);
    expect(await reach('InService')).toMatchObject([{ InstanceId: second!.InstanceId }]);
    await terminate(second!.InstanceId, false);
    await vi.waitFor(async () => {
      const [replacement] = await reach('InService');
      expect(replacement?.InstanceId).not.toBe(second?.InstanceId);
    });
    await expect(terminate('i-0', true)).rejects.toMatchObject({ code: 'ValidationError', message: /i-0/ });
  });

  it('keeps its bounds', async () => {
    await createGroup();
    await expect(scaleTo(5)).rejects.toMatchObject({ code: 'ValidationError', message: /above max value 4/ });
    await call('UpdateAutoScalingGroup', { MinSize: '1', MaxSize: '2' });
    await reach('InService');
    await expect(scaleTo(0)).rejects.toMatchObject({ code: 'ValidationError', message: /below min value 1/ });
    await expect(call('SetDesiredCapacity', { AutoScalingGroupName: 'absent' })).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });
});

describe('the launch hook', () => {
  it('holds an instance until CONTINUE, and says so by event', async () => {
    await createGroup([launchHook]);
    await scaleTo(1);
    const [member] = await reach('Pending:Wait');
    expect(events).toMatchObject([
      {
        source: 'aws.autoscaling',
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
    await complete(member!.InstanceId, 'CONTINUE');
    await reach('InService');
    const { AutoScalingInstances } = await cloud.call('autoscaling', 'DescribeAutoScalingInstances', {
      InstanceIds: [member!.InstanceId],
    });
    expect(AutoScalingInstances).toMatchObject([{ AutoScalingGroupName: 'workers', LifecycleState: 'InService' }]);
  });

  it('replaces an abandoned instance', async () => {
    await createGroup([launchHook]);
    await scaleTo(1);
    const [abandoned] = await reach('Pending:Wait');
    await complete(abandoned!.InstanceId, 'ABANDON');
    await vi.waitFor(async () => {
      const [replacement] = await reach('Pending:Wait');
      expect(replacement?.InstanceId).not.toBe(abandoned?.InstanceId);
    });
    expect(instances.terminated).toEqual([abandoned?.InstanceId]);
  });

  it('takes its default result when nobody answers in time; a heartbeat gives more time', async () => {
    await createGroup([{ ...launchHook, HeartbeatTimeout: 1, DefaultResult: 'CONTINUE' }]);
    await scaleTo(1);
    const [member] = await reach('Pending:Wait');
    await call('RecordLifecycleActionHeartbeat', { LifecycleHookName: 'launch', InstanceId: member!.InstanceId });
    await vi.waitFor(() => reach('InService'), { timeout: 5_000 });
  });

  it('can be completed by token, once, and only while it waits', async () => {
    await createGroup([launchHook]);
    await scaleTo(1);
    const [member] = await reach('Pending:Wait');
    const LifecycleActionToken = events[0]!.detail['LifecycleActionToken'];
    const byToken = () =>
      call('CompleteLifecycleAction', {
        LifecycleHookName: 'launch',
        LifecycleActionToken,
        LifecycleActionResult: 'CONTINUE',
      });
    await byToken();
    await expect(byToken()).rejects.toMatchObject({
      code: 'ValidationError',
      message: `No active Lifecycle Action found with token ${LifecycleActionToken}`,
    });
    await expect(complete(member!.InstanceId, 'ABANDON')).rejects.toMatchObject({
      code: 'ValidationError',
      message: `No active Lifecycle Action found with instance ID ${member!.InstanceId}`,
    });
    await expect(complete(member!.InstanceId, 'CONTINUE', 'absent')).rejects.toMatchObject({ code: 'ValidationError' });
    await expect(complete(member!.InstanceId, 'MAYBE')).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('stays silent under lifecycle-event-lost, once', async () => {
    await cloud.stop();
    await setUp(['lifecycle-event-lost:launch']);
    await createGroup([launchHook]);
    await scaleTo(2);
    await reach('Pending:Wait', 'Pending:Wait');
    expect(events).toHaveLength(1);
  });
});

describe('the terminate hook', () => {
  it('holds an instance until it is completed, and a replacement does not wait for it', async () => {
    await createGroup([terminateHook]);
    await scaleTo(1);
    const [member] = await reach('InService');
    await call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: member!.InstanceId,
      ShouldDecrementDesiredCapacity: 'false',
    });
    await reach('InService', 'Terminating:Wait');
    expect(events).toMatchObject([
      {
        'detail-type': 'EC2 Instance-terminate Lifecycle Action',
        detail: { EC2InstanceId: member!.InstanceId, NotificationMetadata: 'drain', Destination: 'EC2' },
      },
    ]);
    expect(instances.terminated).toEqual([]);
    await complete(member!.InstanceId, 'CONTINUE', 'terminate');
    await reach('InService');
    await vi.waitFor(() => expect(instances.terminated).toEqual([member!.InstanceId]));
  });

  it('lets go by itself after its time, which is simulated', async () => {
    await createGroup([{ ...terminateHook, HeartbeatTimeout: 30 }]);
    await scaleTo(1);
    await reach('InService');
    await scaleTo(0);
    await reach();
  });
});

it('describes its hooks, also those that are resources of their own', async () => {
  await createGroup([launchHook]);
  await cloud.create('AWS::AutoScaling::LifecycleHook', 'Hook', {
    AutoScalingGroupName: 'workers',
    ...terminateHook,
  });
  const { LifecycleHooks } = await call('DescribeLifecycleHooks');
  expect(LifecycleHooks).toMatchObject([
    { LifecycleHookName: 'launch', HeartbeatTimeout: 900, GlobalTimeout: 90_000, DefaultResult: 'ABANDON' },
    { LifecycleHookName: 'terminate', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
  ]);
});
