import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { type HookOfInstance, instanceId as instanceIdSchema } from '../shared/contracts.ts';
import { logger } from '../shared/task.ts';

/** A machine that handles one instance for each execution: join-node or drain-node. */
export interface NodeMachine {
  readonly stepFunctions: SFNClient;
  readonly arn: string;
}

/** At most one execution per instance is started in each period of this length. */
const windowMilliseconds = 5 * 60_000;

const handlesInstance = z.object({ instanceId: instanceIdSchema });

/** @returns the instances that no running execution of the machine handles */
export async function withoutExecution(
  machine: NodeMachine,
  instances: readonly HookOfInstance[],
  abortSignal: AbortSignal,
): Promise<readonly HookOfInstance[]> {
  if (instances.length === 0) return [];
  const handled = new Set<string>();
  for await (const instanceId of handledInstances(machine, abortSignal)) handled.add(instanceId);
  return instances.filter(({ instanceId }) => !handled.has(instanceId));
}

/**
 * Yields the instance of each running execution. It is read from the input: EventBridge starts executions under random
 * names.
 */
async function* handledInstances(
  { stepFunctions, arn }: NodeMachine,
  abortSignal: AbortSignal,
): AsyncGenerator<string> {
  let nextToken: string | undefined;
  do {
    const page = await stepFunctions.send(
      new ListExecutionsCommand({
        stateMachineArn: arn,
        statusFilter: 'RUNNING',
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
      { abortSignal },
    );
    for (const { executionArn } of page.executions ?? []) {
      const { input } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
      const parsed = handlesInstance.safeParse(JSON.parse(input ?? '{}'));
      if (parsed.success) yield parsed.data.instanceId;
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/**
 * Starts the machine as the rule of the hook would have. The name is the same within a period, so that two rounds of reconcile
 * cannot start two executions.
 * @returns whether this call started it
 */
export async function startExecution(
  { stepFunctions, arn }: NodeMachine,
  instance: HookOfInstance,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const name = `reconcile-${instance.instanceId}-${Math.floor(Date.now() / windowMilliseconds)}`;
  try {
    await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: arn, name, input: JSON.stringify(instance) }),
      { abortSignal },
    );
    logger.info('started an execution whose event was lost', { machine: arn, instanceId: instance.instanceId });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return false;
    throw error;
  }
}
