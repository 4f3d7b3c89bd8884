import { type AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { autoscaledTag } from '#infra/lib/autoscaled-tag.ts';
import { FailedError } from '../errors.ts';

/** The workers' Auto Scaling group. */
export interface WorkerGroup {
  readonly group: string;
  readonly minimum: number;
  readonly desired: number;
  readonly maximum: number;
  /** Launches that cannot succeed have been stopped: docs/runbooks/launch-loop.md. */
  readonly launchesAreSuspended: boolean;
  /** The cluster autoscaler changes the capacity: the group has the tag by which it finds groups. */
  readonly isAutoscaled: boolean;
  readonly instances: readonly {
    readonly instanceId: string;
    /** As Auto Scaling names it: InService, Pending:Wait. */
    readonly state: string;
    readonly zone: string;
  }[];
}

/** @throws FailedError when the group is gone */
export async function readWorkerGroup(
  client: AutoScalingClient,
  group: string,
  abortSignal: AbortSignal,
): Promise<WorkerGroup> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  const { AutoScalingGroups: [found] = [] } = await client.send(command, { abortSignal });
  if (found === undefined) throw new FailedError(`the Auto Scaling group ${group} does not exist`, './stepkube deploy');
  return {
    group,
    minimum: found.MinSize ?? 0,
    desired: found.DesiredCapacity ?? 0,
    maximum: found.MaxSize ?? 0,
    launchesAreSuspended: (found.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'Launch'),
    isAutoscaled: (found.Tags ?? []).some(({ Key }) => Key === autoscaledTag),
    instances: (found.Instances ?? []).map(({ InstanceId = '', LifecycleState = '', AvailabilityZone = '' }) => ({
      instanceId: InstanceId,
      state: LifecycleState,
      zone: AvailabilityZone,
    })),
  };
}
