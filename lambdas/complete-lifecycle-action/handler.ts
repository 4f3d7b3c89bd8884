import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { clientSettings } from '../shared/clients.ts';
import { completeLifecycleActionInput, type LifecycleOutcome } from '../shared/contracts.ts';
import { logger, task } from '../shared/task.ts';

const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Lets an instance go on (CONTINUE) or has its group replace it (ABANDON). An expired hook is an outcome: the group
 * has already acted. Calls autoscaling:CompleteLifecycleAction.
 */
export const handler = task(completeLifecycleActionInput, async (input, { signal }): Promise<LifecycleOutcome> => {
  const { autoScalingGroupName, lifecycleHookName, instanceId, result } = input;
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

/** Auto Scaling has no error code of its own for it: 'No active Lifecycle Action found with instance ID i-...'. */
function isHookGone(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ValidationError' && /no active lifecycle action/i.test(error.message)
  );
}
