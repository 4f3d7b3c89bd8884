/** What the page shows of a state that somebody clicks on. */
import type { SFNClient } from '@aws-sdk/client-sfn';
import { GetCommandInvocationCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { readStateDetails, type StateDetails } from '@stepkube/tools/executions/state-details.ts';

export interface StateInspection extends StateDetails {
  /** Of a state that ran a document on an instance, as far as it has come. */
  readonly command?: CommandOutput;
}

export interface CommandOutput {
  readonly commandId: string;
  readonly instanceId: string;
  readonly status: string;
  /** What Systems Manager keeps: the first 24,000 characters. */
  readonly stdout: string;
  /** The first 8,000 characters. */
  readonly stderr: string;
}

/** The state of run-command that sends the command. */
const commandState = 'RunDocument';

/** @returns undefined when the execution has not entered the state */
export async function inspectState(
  clients: { readonly stepFunctions: SFNClient; readonly ssm: SSMClient },
  { executionArn, name }: { readonly executionArn: string; readonly name: string },
  signal: AbortSignal,
): Promise<StateInspection | undefined> {
  const details = await readStateDetails(clients.stepFunctions, executionArn, name, signal);
  if (details === undefined) return undefined;
  const { childExecutionArn } = details;
  const sender =
    childExecutionArn === undefined
      ? details
      : await readStateDetails(clients.stepFunctions, childExecutionArn, commandState, signal);
  const command = sender && (await commandOutput(clients.ssm, sender, signal));
  return { ...details, ...(command && { command }) };
}

async function commandOutput(
  ssm: SSMClient,
  { commandId, input = '{}' }: StateDetails,
  abortSignal: AbortSignal,
): Promise<CommandOutput | undefined> {
  const { instanceId } = JSON.parse(input) as { instanceId?: string };
  if (commandId === undefined || instanceId === undefined) return undefined;
  const query = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId });
  const invocation = await ssm.send(query, { abortSignal }).catch((error: Error) => {
    // Systems Manager knows it a moment later.
    if (error.name === 'InvocationDoesNotExist') return undefined;
    throw error;
  });
  if (invocation === undefined) return undefined;
  const { Status: status = '', StandardOutputContent: stdout = '', StandardErrorContent: stderr = '' } = invocation;
  return { commandId, instanceId, status, stdout, stderr };
}
