import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { clientSettings } from '../shared/clients.ts';
import { setWorkerCapacityInput, type WorkerCapacity } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { WorkerCapacityError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';

const environment = readEnvironment({ WORKER_GROUP_NAME: text });
const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Raises the worker group to the wished number. Never lowers it: somebody scaled it up for a reason.
 * Calls autoscaling:DescribeAutoScalingGroups, SetDesiredCapacity.
 * @throws WorkerCapacityError
 */
export const handler = task(setWorkerCapacityInput, async ({ workers }, { signal }): Promise<WorkerCapacity> => {
  const groupName = environment.WORKER_GROUP_NAME;
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }),
    { abortSignal: signal },
  );
  if (group === undefined) throw new WorkerCapacityError(`the Auto Scaling group ${groupName} does not exist`);
  const { DesiredCapacity: current = 0, MaxSize: maximum = 0 } = group;
  if (current >= workers) return { desired: current, changed: false };
  if (workers > maximum) {
    throw new WorkerCapacityError(
      `workers: ${workers} is above the maximum of ${groupName}, ${maximum}: raise workers.max in cluster.config.ts`,
    );
  }
  await autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName: groupName, DesiredCapacity: workers, HonorCooldown: false }),
    { abortSignal: signal },
  );
  logger.info('raised the worker group', { from: current, to: workers });
  return { desired: workers, changed: true };
});
