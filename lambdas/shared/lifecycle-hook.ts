import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { clientSettings } from './clients.ts';
import type { HookOfInstance } from './contracts.ts';
import { logger } from './task.ts';

/** 'expired': the hook's timeout or another execution came first. */
export type HookOutcome = 'released' | 'expired';

const autoScaling = new AutoScalingClient(clientSettings);

/**
 * Completes the hook in which an instance waits. An expired hook is a result, not an error: the group has acted already.
 * Calls autoscaling:CompleteLifecycleAction.
 */
export async function completeHook(
  { autoScalingGroupName, lifecycleHookName, instanceId }: HookOfInstance,
  result: 'CONTINUE' | 'ABANDON',
  abortSignal: AbortSignal,
): Promise<HookOutcome> {
  try {
    await autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: autoScalingGroupName,
        LifecycleHookName: lifecycleHookName,
        InstanceId: instanceId,
        LifecycleActionResult: result,
      }),
      { abortSignal },
    );
    logger.info('completed a lifecycle action', { instanceId, result });
    return 'released';
  } catch (error) {
    if (!isHookGone(error)) throw error;
    logger.warn('the lifecycle action had ended before', { instanceId, result });
    return 'expired';
  }
}

/** Auto Scaling has no error code for it, only a message: 'No active Lifecycle Action found with instance ID i-...'. */
function isHookGone(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ValidationError' && /no active lifecycle action/i.test(error.message)
  );
}
