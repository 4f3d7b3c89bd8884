import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { hookOfInstance } from '../shared/contracts.ts';
import { logger, task } from '../shared/task.ts';

const input = z.strictObject({ ...hookOfInstance.shape, result: z.literal(['CONTINUE', 'ABANDON']) });

/** 'expired': the hook's timeout or another execution came first. */
interface LifecycleOutcome {
  readonly hook: 'released' | 'expired';
}

const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Lets an instance enter service (CONTINUE) or has its group replace it (ABANDON). An expired hook is a result, not an
 * error: the group has acted already. Calls autoscaling:CompleteLifecycleAction.
 */
export const handler = task(input, async (action, { signal }): Promise<LifecycleOutcome> => {
  const { autoScalingGroupName, lifecycleHookName, instanceId, result } = action;
  try {
    await autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: autoScalingGroupName,
        LifecycleHookName: lifecycleHookName,
        InstanceId: instanceId,
        LifecycleActionResult: result,
      }),
      { abortSignal: signal },
    );
    logger.info('completed a lifecycle action', { instanceId, result });
    return { hook: 'released' };
  } catch (error) {
    if (!isHookGone(error)) throw error;
    logger.warn('the lifecycle action had ended before', { instanceId, result });
    return { hook: 'expired' };
  }
});

/** Auto Scaling has no error code for it, only a message: 'No active Lifecycle Action found with instance ID i-...'. */
function isHookGone(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ValidationError' && /no active lifecycle action/i.test(error.message)
  );
}
