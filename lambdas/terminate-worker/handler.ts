import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { instanceId } from '../shared/contracts.ts';
import { logger, task } from '../shared/task.ts';

const input = z.strictObject({ instanceId });

const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Has the group replace a worker: the instance goes through its terminate hook, as in a scale-in. One that is not in a group any more is
 * gone already. Calls autoscaling:TerminateInstanceInAutoScalingGroup.
 */
export const handler = task(
  input,
  async ({ instanceId: InstanceId }, { signal }): Promise<{ readonly ended: boolean }> => {
    try {
      await autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }),
        { abortSignal: signal },
      );
      logger.info('the group ends a worker', { instanceId: InstanceId });
      return { ended: true };
    } catch (error) {
      if (!isNoMember(error)) throw error;
      return { ended: false };
    }
  },
);

/** Auto Scaling has no error code for it, only a message: 'Instance Id not found - No managed instance found for instance ID i-...'. */
function isNoMember(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError' && /instance id not found/i.test(error.message);
}
