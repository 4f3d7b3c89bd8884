import { z } from 'zod';
import { hookOfInstance } from '../shared/contracts.ts';
import { completeHook, type HookOutcome } from '../shared/lifecycle-hook.ts';
import { task } from '../shared/task.ts';

const input = z.strictObject({ ...hookOfInstance.shape, result: z.literal(['CONTINUE', 'ABANDON']) });

/** Lets the group go on with an instance that waits in a hook. Calls autoscaling:CompleteLifecycleAction. */
export const handler = task(
  input,
  async ({ result, ...instance }, { signal }): Promise<{ readonly hook: HookOutcome }> => ({
    hook: await completeHook(instance, result, signal),
  }),
);
