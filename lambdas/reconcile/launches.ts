import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { clientSettings } from '../shared/clients.ts';
import type { JoinNodeInput } from '../shared/contracts.ts';

const autoScaling = new AutoScalingClient(clientSettings);
const ec2 = new EC2Client(clientSettings);

/** @returns the instances that wait in the group's launch hook and were launched before the given time (milliseconds since the epoch). */
export async function findWaitingLaunches(
  groupName: string,
  launchedBefore: number,
  abortSignal: AbortSignal,
): Promise<JoinNodeInput[]> {
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }),
    { abortSignal },
  );
  const waiting = (group?.Instances ?? [])
    .filter(({ LifecycleState }) => LifecycleState === 'Pending:Wait')
    .map(({ InstanceId }) => InstanceId!);
  if (waiting.length === 0) return [];
  const lifecycleHookName = await findLaunchHook(groupName, abortSignal);
  if (lifecycleHookName === undefined) return [];
  const old = await launchedEarlier(waiting, launchedBefore, abortSignal);
  return old.map((instanceId) => ({ instanceId, autoScalingGroupName: groupName, lifecycleHookName }));
}

async function findLaunchHook(groupName: string, abortSignal: AbortSignal): Promise<string | undefined> {
  const { LifecycleHooks = [] } = await autoScaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: groupName }),
    { abortSignal },
  );
  return LifecycleHooks.find(({ LifecycleTransition }) => LifecycleTransition === 'autoscaling:EC2_INSTANCE_LAUNCHING')
    ?.LifecycleHookName;
}

/** A group has at most 50 instances, which is one page. Filters, unlike InstanceIds, accept ids that EC2 has forgotten. */
async function launchedEarlier(ids: string[], before: number, abortSignal: AbortSignal): Promise<string[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: ids }] }),
    { abortSignal },
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ LaunchTime }) => LaunchTime !== undefined && LaunchTime.getTime() < before)
    .map(({ InstanceId }) => InstanceId!);
}
