import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type JoinNodeInput, joinNodeInput } from '../shared/contracts.ts';
import { logger } from '../shared/task.ts';

export interface JoinNodeMachine {
  readonly stepFunctions: SFNClient;
  readonly arn: string;
}

/** At most one join per instance is started in each period of this length. */
const windowMilliseconds = 5 * 60_000;

/** @returns the launches that no running execution of join-node handles. */
export async function withoutJoin(
  machine: JoinNodeMachine,
  launches: readonly JoinNodeInput[],
  abortSignal: AbortSignal,
): Promise<JoinNodeInput[]> {
  const joining = new Set<string>();
  for await (const instanceId of joiningInstances(machine, abortSignal)) joining.add(instanceId);
  return launches.filter(({ instanceId }) => !joining.has(instanceId));
}

/**
 * Yields the instance of each running execution. It is read from the input: EventBridge starts executions under random
 * names.
 */
async function* joiningInstances(
  { stepFunctions, arn }: JoinNodeMachine,
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
      const parsed = joinNodeInput.safeParse(JSON.parse(input ?? '{}'));
      if (parsed.success) yield parsed.data.instanceId;
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/**
 * Starts join-node as the launch rule would have. The name is the same within a period, so that two rounds of reconcile
 * cannot start two executions.
 * @returns whether this call started it
 */
export async function startJoin(
  { stepFunctions, arn }: JoinNodeMachine,
  launch: JoinNodeInput,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const name = `reconcile-${launch.instanceId}-${Math.floor(Date.now() / windowMilliseconds)}`;
  try {
    await stepFunctions.send(new StartExecutionCommand({ stateMachineArn: arn, name, input: JSON.stringify(launch) }), {
      abortSignal,
    });
    logger.info('started a join whose event was lost', { instanceId: launch.instanceId });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return false;
    throw error;
  }
}
