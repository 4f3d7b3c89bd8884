import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  paginateListStateMachines,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { UsageError } from '../errors.ts';

/** No machine of the cluster has an execution of this name. */
export class ExecutionNotFoundError extends Error {
  override readonly name = 'ExecutionNotFoundError';
}

const executionArnPattern = /^arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+$/;

/**
 * Finds an execution of any of the cluster's machines.
 * @param nameOrArn names are unique for one machine only
 * @throws ExecutionNotFoundError; UsageError when several machines have an execution of this name
 */
export async function findExecution(
  client: SFNClient,
  clusterName: string,
  nameOrArn: string,
  abortSignal: AbortSignal,
): Promise<string> {
  if (executionArnPattern.test(nameOrArn)) return nameOrArn;
  const machineArns = await machinesOf(client, clusterName, abortSignal);
  const candidates = machineArns.map((arn) => `${arn.replace(':stateMachine:', ':execution:')}:${nameOrArn}`);
  const found = await Promise.all(
    candidates.map(async (executionArn) => {
      try {
        await client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
        return [executionArn];
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return [];
        throw error;
      }
    }),
  );
  const [first, ...others] = found.flat();
  if (first === undefined) {
    const machines =
      machineArns.map((arn) => arn.split(':').at(-1)).join(', ') || `no machine begins with ${clusterName}-`;
    throw new ExecutionNotFoundError(`no execution is named ${nameOrArn} (looked at ${machines})`);
  }
  if (others.length > 0) {
    throw new UsageError(
      `${nameOrArn}: several executions have this name; give one's ARN: ${[first, ...others].join(', ')}`,
    );
  }
  return first;
}

async function machinesOf(
  client: SFNClient,
  clusterName: string,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const arns: string[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {}, { abortSignal })) {
    for (const { name, stateMachineArn } of stateMachines)
      if (name?.startsWith(`${clusterName}-`)) arns.push(stateMachineArn!);
  }
  return arns;
}
