import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { clientSettings } from '../aws/client-settings.ts';
import { FailedError } from '../errors.ts';
import type { InstanceStatus, WorkersStatus } from './status.ts';

type Settings = ReturnType<typeof clientSettings>;

/** The instances with the control plane's tags that are not terminated. */
export async function readControlPlanes(
  settings: Settings,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<readonly InstanceStatus[]> {
  const filters = {
    [`tag:kubernetes.io/cluster/${cluster}`]: ['owned'],
    'tag:stepkube:role': ['control-plane'],
    'instance-state-name': ['pending', 'running', 'stopping', 'stopped'],
  };
  const command = new DescribeInstancesCommand({
    Filters: Object.entries(filters).map(([Name, Values]) => ({ Name, Values })),
  });
  const { Reservations = [] } = await new EC2Client(settings).send(command, { abortSignal });
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ InstanceId = '', State, Placement, LaunchTime }) => ({
      instanceId: InstanceId,
      state: State?.Name ?? '',
      zone: Placement?.AvailabilityZone ?? '',
      ...(LaunchTime && { launchedAt: LaunchTime.toISOString() }),
    }),
  );
}

/** @throws FailedError when the group is gone */
export async function readWorkers(settings: Settings, group: string, abortSignal: AbortSignal): Promise<WorkersStatus> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  const { AutoScalingGroups: [found] = [] } = await new AutoScalingClient(settings).send(command, { abortSignal });
  if (found === undefined) throw new FailedError(`the Auto Scaling group ${group} does not exist`, './stepkube deploy');
  return {
    group,
    minimum: found.MinSize ?? 0,
    desired: found.DesiredCapacity ?? 0,
    maximum: found.MaxSize ?? 0,
    launchesAreSuspended: (found.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'Launch'),
    instances: (found.Instances ?? []).map(({ InstanceId = '', LifecycleState = '', AvailabilityZone = '' }) => ({
      instanceId: InstanceId,
      state: LifecycleState,
      zone: AvailabilityZone,
    })),
  };
}
