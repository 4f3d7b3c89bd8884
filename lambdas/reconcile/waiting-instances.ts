import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { clientSettings } from '../shared/clients.ts';
import type { HookOfInstance } from '../shared/contracts.ts';

const autoScaling = new AutoScalingClient(clientSettings);
const ec2 = new EC2Client(clientSettings);

/** Instances that wait in a hook of the group. */
export interface WaitingInstances {
  readonly launches: readonly HookOfInstance[];
  readonly terminations: readonly HookOfInstance[];
}

const none: WaitingInstances = { launches: [], terminations: [] };

/**
 * Finds what waits. A launch counts when it began before the given time (milliseconds since the epoch). For how long an instance has
 * waited for its end nobody tells, so every termination counts.
 */
export async function findWaitingInstances(
  groupName: string,
  launchedBefore: number,
  abortSignal: AbortSignal,
): Promise<WaitingInstances> {
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }),
    { abortSignal },
  );
  const inState = (state: string) =>
    (group?.Instances ?? [])
      .filter(({ LifecycleState }) => LifecycleState === state)
      .map(({ InstanceId }) => InstanceId!);
  const launching = inState('Pending:Wait');
  const terminating = inState('Terminating:Wait');
  if (launching.length + terminating.length === 0) return none;
  const hooks = await findHooks(groupName, abortSignal);
  const waitingIn = (lifecycleHookName: string | undefined, ids: readonly string[]): HookOfInstance[] =>
    lifecycleHookName === undefined
      ? []
      : ids.map((instanceId) => ({ instanceId, autoScalingGroupName: groupName, lifecycleHookName }));
  return {
    launches: waitingIn(hooks.launch, await launchedEarlier(launching, launchedBefore, abortSignal)),
    terminations: waitingIn(hooks.terminate, terminating),
  };
}

async function findHooks(
  groupName: string,
  abortSignal: AbortSignal,
): Promise<{ launch?: string; terminate?: string }> {
  const { LifecycleHooks = [] } = await autoScaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: groupName }),
    { abortSignal },
  );
  const hookOf = (transition: string) =>
    LifecycleHooks.find(({ LifecycleTransition }) => LifecycleTransition === transition)?.LifecycleHookName;
  const launch = hookOf('autoscaling:EC2_INSTANCE_LAUNCHING');
  const terminate = hookOf('autoscaling:EC2_INSTANCE_TERMINATING');
  return { ...(launch !== undefined && { launch }), ...(terminate !== undefined && { terminate }) };
}

/** A group has at most 50 instances, which is one page. Filters, unlike InstanceIds, accept ids that EC2 has forgotten. */
async function launchedEarlier(ids: string[], before: number, abortSignal: AbortSignal): Promise<string[]> {
  if (ids.length === 0) return [];
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: ids }] }),
    { abortSignal },
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ LaunchTime }) => LaunchTime !== undefined && LaunchTime.getTime() < before)
    .map(({ InstanceId }) => InstanceId!);
}
