import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { provisionMachineOf } from './find-machine.ts';
import { followOnAws } from './follow-on-aws.ts';
import { assertSucceeded } from './outcome.ts';

export interface ProvisionRequest {
  readonly account: Account;
  readonly stackName: string;
  /** JSON text. */
  readonly input: string;
  /** Only says what would be started, and that this command line would start it. @default undefined: it is started */
  readonly dryRun: { readonly startWith: string } | undefined;
  readonly json: boolean;
}

/** Starts provision-cluster and shows it until it ends. @throws StackNotDeployedError, ExecutionFailedError */
export async function provision(request: ProvisionRequest, signal: AbortSignal): Promise<void> {
  const { account, stackName, input, dryRun, json } = request;
  const stateMachineArn = await provisionMachineOf(stackName, account, signal);
  if (dryRun) return showPlan(request, stateMachineArn, dryRun.startWith);

  const client = new SFNClient(clientSettings(account));
  const started = await client.send(new StartExecutionCommand({ stateMachineArn, input }), { abortSignal: signal });
  const executionArn = started.executionArn!;
  if (!json) console.log(`Execution ${executionArn}\nConsole   ${consoleUrl(executionArn, account.region)}\n`);
  const outcome = await followOnAws(client, executionArn, signal, { silent: json });
  if (json) console.log(JSON.stringify(outcome, null, 2));
  assertSucceeded(outcome);
  if (!json) console.log(`\nThe cluster is ready.\n${JSON.stringify(outcome.output, null, 2)}`);
}

function showPlan(
  { account: { region }, stackName, input, json }: ProvisionRequest,
  stateMachineArn: string,
  startWith: string,
): void {
  if (json) {
    const plan = { dryRun: true, stackName, region, stateMachineArn, input: JSON.parse(input) };
    return void console.log(JSON.stringify(plan, null, 2));
  }
  console.log(`Would start  ${stateMachineArn}\nWith input   ${input}`);
  console.log(`\nNothing was started. To start it: ${startWith}`);
}

function consoleUrl(executionArn: string, region: string): string {
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
