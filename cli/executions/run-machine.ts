import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { pascalCase } from '#infra/lib/placeholders.ts';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { stackOutput } from '../aws/stack-output.ts';
import { followOnAws } from './follow-on-aws.ts';
import { assertSucceeded } from './outcome.ts';

export interface MachineRequest {
  readonly account: Account;
  readonly stackName: string;
  /** Without the cluster's name. */
  readonly machine: 'provision-cluster' | 'drain-node' | 'rotate-credentials';
  readonly input: object;
  /** Only says what would be started, and that this command line would start it. @default undefined: it is started */
  readonly dryRun: { readonly startWith: string } | undefined;
  readonly json: boolean;
  /** Said at the end. */
  readonly done: string;
}

/** Starts a state machine and shows the execution until it ends. @throws StackNotDeployedError, ExecutionFailedError */
export async function runMachine(request: MachineRequest, signal: AbortSignal): Promise<void> {
  const { account, stackName, machine, dryRun, json, done } = request;
  const stateMachineArn = await stackOutput(stackName, `${pascalCase(machine)}MachineArn`, account, signal);
  if (dryRun) return showPlan(request, stateMachineArn, dryRun.startWith);

  const client = new SFNClient(clientSettings(account));
  const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(request.input) });
  const { executionArn } = await client.send(start, { abortSignal: signal });
  if (!json) console.log(`Execution ${executionArn}\nConsole   ${consoleUrl(executionArn!, account.region)}\n`);
  const outcome = await followOnAws(client, executionArn!, signal, { silent: json });
  if (json) console.log(JSON.stringify(outcome, null, 2));
  assertSucceeded(outcome);
  if (!json) console.log(`\n${done}\n${JSON.stringify(outcome.output, null, 2)}`);
}

function showPlan(
  { account: { region }, stackName, input, json }: MachineRequest,
  stateMachineArn: string,
  startWith: string,
): void {
  if (json) {
    const plan = { dryRun: true, stackName, region, stateMachineArn, input };
    return void console.log(JSON.stringify(plan, null, 2));
  }
  console.log(`Would start  ${stateMachineArn}\nWith input   ${JSON.stringify(input)}`);
  console.log(`\nNothing was started. To start it: ${startWith}`);
}

function consoleUrl(executionArn: string, region: string): string {
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
