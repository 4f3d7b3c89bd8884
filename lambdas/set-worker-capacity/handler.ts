import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { provisionClusterInput, workerCount } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { WorkerCapacityError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';

interface WorkerCapacity {
  /** How many workers were asked for: by the execution's input, or by the configuration. */
  readonly workers: number;
  /** Capacity of the group from now on. */
  readonly desired: number;
  readonly changed: boolean;
}

const environment = readEnvironment({
  WORKER_GROUP_NAME: text,
  DEFAULT_WORKERS: z.coerce.number().pipe(workerCount),
  MIN_WORKERS: z.coerce.number().pipe(z.int().nonnegative()),
  /** Key of the tag by which the cluster autoscaler finds the group; absent where there is no autoscaler. */
  AUTOSCALER_TAG: text.optional(),
});
const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Raises the worker group to the requested capacity, and its minimum to the configured one, which is not in the template: a new group
 * would launch workers before there is a cluster to join. Never lowers the capacity: a higher one was set on purpose. A group that lost
 * its tag when a loop of launches was stopped gets it back. As the first state of provision-cluster it also checks the input of the
 * whole execution.
 * Calls autoscaling:DescribeAutoScalingGroups, UpdateAutoScalingGroup, CreateOrUpdateTags.
 * @throws WorkerCapacityError
 */
export const handler = task(provisionClusterInput, async (input, { signal }): Promise<WorkerCapacity> => {
  const workers = Math.max(input.workers ?? environment.DEFAULT_WORKERS, environment.MIN_WORKERS);
  const groupName = environment.WORKER_GROUP_NAME;
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }),
    { abortSignal: signal },
  );
  if (group === undefined) throw new WorkerCapacityError(`the Auto Scaling group ${groupName} does not exist`);
  await restoreTag(group, signal);
  const { DesiredCapacity: current = 0, MinSize: minimum = 0, MaxSize: maximum = 0 } = group;
  if (current >= workers && minimum === environment.MIN_WORKERS) return { workers, desired: current, changed: false };
  if (workers > maximum) {
    throw new WorkerCapacityError(
      `workers: ${workers} is above the maximum of ${groupName}, ${maximum}: raise workers.max in cluster.config.ts`,
    );
  }
  const desired = Math.max(current, workers);
  await autoScaling.send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: groupName,
      MinSize: environment.MIN_WORKERS,
      DesiredCapacity: desired,
    }),
    { abortSignal: signal },
  );
  logger.info('raised the worker group', { from: current, to: desired });
  return { workers, desired, changed: true };
});

async function restoreTag(
  { AutoScalingGroupName, Tags = [] }: AutoScalingGroup,
  abortSignal: AbortSignal,
): Promise<void> {
  const Key = environment.AUTOSCALER_TAG;
  if (Key === undefined || Tags.some((tag) => tag.Key === Key)) return;
  const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', Key, Value: 'true' };
  await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, PropagateAtLaunch: false }] }), {
    abortSignal,
  });
}
