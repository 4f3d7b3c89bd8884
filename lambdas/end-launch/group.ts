import {
  AutoScalingClient,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { clientSettings } from '../shared/clients.ts';

const autoScaling = new AutoScalingClient(clientSettings);

export interface GroupSize {
  readonly desired: number;
  readonly minimum: number;
  /** Instances that serve or are on their way. */
  readonly members: number;
  /** Keys of the group's own tags. */
  readonly tags: readonly string[];
}

/** @param without an instance that does not count any more */
export async function readGroup(name: string, without: string, abortSignal: AbortSignal): Promise<GroupSize> {
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    { abortSignal },
  );
  const members = (group?.Instances ?? []).filter(
    ({ InstanceId, LifecycleState }) => InstanceId !== without && !LifecycleState?.startsWith('Terminating'),
  );
  return {
    desired: group?.DesiredCapacity ?? 0,
    minimum: group?.MinSize ?? 0,
    members: members.length,
    tags: (group?.Tags ?? []).map(({ Key = '' }) => Key),
  };
}

export async function removeTag(name: string, key: string, abortSignal: AbortSignal): Promise<void> {
  const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', Key: key };
  await autoScaling.send(new DeleteTagsCommand({ Tags: [tag] }), { abortSignal });
}

/**
 * Lowers the capacity to what the group has, never below: that would end instances, and perhaps one that serves. Launching rests
 * meanwhile, so that nothing takes the place of what `leave` lets go.
 * @returns the capacity
 */
export async function settle(
  name: string,
  instanceId: string,
  leave: () => Promise<unknown>,
  abortSignal: AbortSignal,
): Promise<number> {
  const launching = { AutoScalingGroupName: name, ScalingProcesses: ['Launch'] };
  await autoScaling.send(new SuspendProcessesCommand(launching), { abortSignal });
  await leave();
  const { desired, minimum, members } = await readGroup(name, instanceId, abortSignal);
  if (desired > members) {
    const capacity = { DesiredCapacity: members, MinSize: Math.min(minimum, members) };
    await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...capacity }), {
      abortSignal,
    });
  }
  await autoScaling.send(new ResumeProcessesCommand(launching), { abortSignal });
  return Math.min(desired, members);
}
