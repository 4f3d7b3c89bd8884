import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { clientSettings } from '../aws/client-settings.ts';
import type { ExecutionStatus } from './status.ts';

/** The latest execution of each machine, the newest first. run-command is left out: the others run it. */
export async function latestExecutions(
  settings: ReturnType<typeof clientSettings>,
  machineArns: readonly string[],
  cluster: string,
  abortSignal: AbortSignal,
): Promise<readonly ExecutionStatus[]> {
  const client = new SFNClient(settings);
  const machines = machineArns.filter((arn) => !arn.endsWith('-run-command'));
  const latest = await Promise.all(
    machines.map(async (stateMachineArn) => {
      const list = new ListExecutionsCommand({ stateMachineArn, maxResults: 1 });
      const { executions: [execution] = [] } = await client.send(list, { abortSignal });
      if (execution?.executionArn === undefined) return undefined;
      const { name = '', status = '', startDate, stopDate, executionArn } = execution;
      const failed = status !== 'RUNNING' && status !== 'SUCCEEDED';
      const cause = failed ? await causeOf(client, executionArn, abortSignal) : undefined;
      return {
        machine: stateMachineArn.split(':').at(-1)!.slice(`${cluster}-`.length),
        name,
        status,
        startedAt: startDate?.toISOString() ?? '',
        ...(stopDate && { endedAt: stopDate.toISOString() }),
        ...(cause !== undefined && { cause }),
      };
    }),
  );
  return latest
    .filter((execution) => execution !== undefined)
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

async function causeOf(client: SFNClient, executionArn: string, abortSignal: AbortSignal): Promise<string | undefined> {
  const { cause, error } = await client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
  return cause ?? error;
}
