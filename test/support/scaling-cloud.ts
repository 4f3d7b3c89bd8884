import { expect } from 'vitest';
import { createAutoScalingModule } from '#local/cloud/autoscaling/module.ts';
import { createEc2Cloud, type Ec2Cloud, type Ec2CloudOptions } from './ec2-cloud.ts';
import { eventually } from './eventually.ts';
import type { FakeCloud } from './fake-cloud.ts';

/** A member as DescribeAutoScalingGroups returns it. */
export interface Member {
  readonly InstanceId: string;
  readonly LifecycleState: string;
  readonly AvailabilityZone: string;
}

/** A fake cloud with the Auto Scaling group 'workers', and what tests ask of it. */
export interface ScalingCloud extends Ec2Cloud {
  /** Calls an Auto Scaling operation for the group. */
  call(operation: string, input?: object): ReturnType<FakeCloud['call']>;
  scaleTo(count: number): Promise<void>;
  /** Waits until the members are in these lifecycle states, in alphabetical order. */
  reach(...states: readonly string[]): Promise<readonly Member[]>;
  complete(instanceId: string, result: string, hookName?: string): Promise<void>;
}

export interface ScalingCloudOptions extends Ec2CloudOptions {
  readonly hooks?: readonly object[];
  /** Properties of the group that differ from the default. */
  readonly group?: object;
}

export async function createScalingCloud({
  hooks = [],
  group,
  ...options
}: ScalingCloudOptions = {}): Promise<ScalingCloud> {
  const ec2 = await createEc2Cloud(options);
  const { cloud, store, launchResources, resources } = ec2;
  cloud.add(createAutoScalingModule(cloud.core, store, launchResources));
  await cloud.create('AWS::AutoScaling::AutoScalingGroup', 'Workers', {
    AutoScalingGroupName: 'workers',
    MinSize: '0',
    MaxSize: '4',
    LaunchTemplate: { LaunchTemplateId: resources.launchTemplateId, Version: '1' },
    VPCZoneIdentifier: resources.subnetIds,
    LifecycleHookSpecificationList: hooks,
    Tags: [{ Key: 'Name', Value: 'worker', PropagateAtLaunch: true }],
    ...group,
  });
  await cloud.start();

  const call: ScalingCloud['call'] = (operation, input = {}) =>
    cloud.call('autoscaling', operation, { AutoScalingGroupName: 'workers', ...input });
  return {
    ...ec2,
    call,
    scaleTo: (count) => call('SetDesiredCapacity', { DesiredCapacity: String(count) }),
    reach: (...states) =>
      eventually(async () => {
        const { AutoScalingGroups } = await call('DescribeAutoScalingGroups', { AutoScalingGroupNames: ['workers'] });
        const members: readonly Member[] = AutoScalingGroups[0].Instances;
        expect(members.map(({ LifecycleState }) => LifecycleState).sort()).toEqual(states);
        return members;
      }),
    complete: (InstanceId, LifecycleActionResult, LifecycleHookName = 'launch') =>
      call('CompleteLifecycleAction', { LifecycleHookName, InstanceId, LifecycleActionResult }),
  };
}

export const launchHook = {
  LifecycleHookName: 'launch',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  HeartbeatTimeout: 900,
  DefaultResult: 'ABANDON',
};

export const terminateHook = {
  LifecycleHookName: 'terminate',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: 3600,
  DefaultResult: 'CONTINUE',
  NotificationMetadata: 'drain',
};
