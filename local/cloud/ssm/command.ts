/** A command and its invocations, with the structures of Systems Manager's responses. */
import type { CommandOutcome } from '#local/contracts/instance.ts';
import { ServiceError } from '../service-error.ts';
import type { Document, ParameterValues } from './document-store.ts';

export type InvocationStatus = 'Pending' | 'InProgress' | CommandOutcome['status'];

export interface Command {
  readonly commandId: string;
  readonly document: Document;
  readonly parameters: ParameterValues;
  readonly comment: string;
  /** The command must start on an instance within this time. */
  readonly timeoutSeconds: number;
  readonly requestedAt: Date;
  /** undefined: output is not sent to CloudWatch Logs. */
  readonly logGroupName: string | undefined;
  readonly invocations: readonly Invocation[];
}

export interface Invocation {
  readonly instanceId: string;
  /** False at first: GetCommandInvocation is eventually consistent and does not find a new invocation. */
  isVisible: boolean;
  status: InvocationStatus;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  outcome: CommandOutcome | undefined;
}

/** GetCommandInvocation returns the first characters of the output. */
const maxStdoutLength = 24_000;
const maxStderrLength = 8_000;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Command.html */
export function describeCommand(command: Command): object {
  const { invocations } = command;
  const ended = invocations.filter(({ outcome }) => outcome !== undefined);
  const failed = ended.filter(({ status }) => status !== 'Success');
  const status = ended.length < invocations.length ? 'Pending' : (failed[0]?.status ?? 'Success');
  const expiresAfter = command.requestedAt.getTime() + command.timeoutSeconds * 1000;
  return {
    CommandId: command.commandId,
    DocumentName: command.document.name,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: expiresAfter / 1000,
    Parameters: command.parameters,
    InstanceIds: invocations.map(({ instanceId }) => instanceId),
    Targets: [],
    RequestedDateTime: command.requestedAt.getTime() / 1000,
    Status: status,
    StatusDetails: status,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: invocations.length,
    CompletedCount: ended.length,
    ErrorCount: failed.length,
    DeliveryTimedOutCount: 0,
    CloudWatchOutputConfig: cloudWatchOutput(command),
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** The output of GetCommandInvocation. */
export function describeInvocation(command: Command, invocation: Invocation): object {
  const { startedAt, endedAt, outcome, status } = invocation;
  const elapsedSeconds = startedAt === undefined ? undefined : ((endedAt?.getTime() ?? 0) - startedAt.getTime()) / 1000;
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: '$DEFAULT',
    PluginName: command.document.content.mainSteps[0]!.name,
    ResponseCode: outcome?.exitCode ?? -1,
    ExecutionStartDateTime: startedAt?.toISOString() ?? '',
    ExecutionElapsedTime: endedAt === undefined ? '' : `PT${elapsedSeconds}S`,
    ExecutionEndDateTime: endedAt?.toISOString() ?? '',
    Status: status,
    StatusDetails: statusDetails(status),
    StandardOutputContent: outcome?.stdout.slice(0, maxStdoutLength) ?? '',
    StandardOutputUrl: '',
    StandardErrorContent: outcome?.stderr.slice(0, maxStderrLength) ?? '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: cloudWatchOutput(command),
  };
}

/** An item of ListCommandInvocations, without the output of its plugins. */
export function describeInvocationSummary(command: Command, { instanceId, status }: Invocation): object {
  return {
    CommandId: command.commandId,
    InstanceId: instanceId,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: command.requestedAt.getTime() / 1000,
    Status: status,
    StatusDetails: statusDetails(status),
    CommandPlugins: [],
    CloudWatchOutputConfig: cloudWatchOutput(command),
  };
}

export function invocationDoesNotExist(): ServiceError {
  return new ServiceError(
    'InvocationDoesNotExist',
    'The command ID and instance ID you specified did not match any invocations.',
  );
}

/** TimedOut always means a script that ran too long: every command is delivered in the twin. */
function statusDetails(status: InvocationStatus): string {
  return status === 'TimedOut' ? 'ExecutionTimedOut' : status;
}

function cloudWatchOutput({ logGroupName }: Command): object {
  return logGroupName === undefined
    ? { CloudWatchOutputEnabled: false }
    : { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: logGroupName };
}
