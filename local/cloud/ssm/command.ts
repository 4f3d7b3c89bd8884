/** One command on its instances, as Run Command describes it. */
import type { CommandOutcome } from '#local/contracts/instance.ts';
import { ServiceError } from '../service.ts';
import type { Document } from './documents.ts';

export type InvocationStatus = 'Pending' | 'InProgress' | CommandOutcome['status'];

export interface Command {
  readonly commandId: string;
  readonly document: Document;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string;
  readonly timeoutSeconds: number;
  readonly requestedAt: Date;
  /** undefined: the output is not kept beyond the invocation. */
  readonly logGroupName: string | undefined;
  readonly invocations: readonly Invocation[];
}

export interface Invocation {
  readonly instanceId: string;
  /** GetCommandInvocation is eventually consistent: it does not find what was sent this moment. */
  visible: boolean;
  status: InvocationStatus;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  outcome: CommandOutcome | undefined;
}

/** What GetCommandInvocation keeps of the output, in characters, from the beginning. */
const stdoutLimit = 24_000;
const stderrLimit = 8_000;

/** The `Command` of SendCommand. */
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

/** The answer of GetCommandInvocation. */
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
    StandardOutputContent: outcome?.stdout.slice(0, stdoutLimit) ?? '',
    StandardOutputUrl: '',
    StandardErrorContent: outcome?.stderr.slice(0, stderrLimit) ?? '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: cloudWatchOutput(command),
  };
}

/** An item of ListCommandInvocations, without its plugins' output. */
export function describeListed(command: Command, { instanceId, status }: Invocation): object {
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

/** A script that ran too long; a command that was never started would be 'DeliveryTimedOut'. */
function statusDetails(status: InvocationStatus): string {
  return status === 'TimedOut' ? 'ExecutionTimedOut' : status;
}

function cloudWatchOutput({ logGroupName }: Command): object {
  return logGroupName === undefined
    ? { CloudWatchOutputEnabled: false }
    : { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: logGroupName };
}
