import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import {
  CommandCancelledError,
  CommandFailedError,
  CommandTimedOutError,
  CommandUndeliverableError,
} from '../errors.ts';

/** How a command ended. */
export type CommandOutcome = { readonly kind: 'succeeded' } | { readonly kind: 'failed'; readonly error: Error };

const tailLines = 15;
const tailCharacters = 2_000;
/** GetCommandInvocation returns this much of the standard error, from its beginning. */
const keptCharacters = 8_000;

/** Whether a command in this status has ended. */
export function isFinal(status: string | undefined): boolean {
  return status !== undefined && ['Success', 'Failed', 'TimedOut', 'Cancelled'].includes(status);
}

/**
 * @returns the outcome, whose error says which document failed on which instance, how, and where its full output is;
 * undefined as long as the command runs. Status details: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
export function outcomeOf(invocation: GetCommandInvocationCommandOutput, logGroup: string): CommandOutcome | undefined {
  const { Status, DocumentName, InstanceId, ResponseCode } = invocation;
  if (!isFinal(Status)) return undefined;
  if (Status === 'Success') return { kind: 'succeeded' };
  const subject = `${DocumentName} on ${InstanceId}`;
  const output = `${tailOf(invocation)} — full output: ${outputLocation(invocation, logGroup)}`;
  // The API writes 'DeliveryTimedOut' where the console and the guide write 'Delivery Timed Out'.
  const details = (invocation.StatusDetails ?? Status ?? '').replaceAll(' ', '');
  switch (details) {
    case 'DeliveryTimedOut':
    case 'Undeliverable':
    case 'InvalidPlatform':
    case 'AccessDenied':
      return failed(new CommandUndeliverableError(`${subject} was not started: SSM says ${details}`));
    case 'TimedOut':
    case 'ExecutionTimedOut':
      return failed(new CommandTimedOutError(`${subject} was stopped at its time limit: ${output}`));
    case 'Cancelled':
    case 'Terminated':
      return failed(new CommandCancelledError(`${subject} was cancelled: ${output}`));
    default:
      return failed(new CommandFailedError(`${subject} failed with exit code ${ResponseCode}: ${output}`));
  }
}

function failed(error: Error): CommandOutcome {
  return { kind: 'failed', error };
}

function tailOf({ StandardErrorContent = '', StandardOutputContent = '' }: GetCommandInvocationCommandOutput): string {
  const text = (StandardErrorContent.trim() || StandardOutputContent.trim()).trim();
  if (text === '') return 'it printed nothing';
  const tail = text.split('\n').slice(-tailLines).join('\n').slice(-tailCharacters);
  return StandardErrorContent.length < keptCharacters ? tail : `${tail} (cut by SSM: the end is in the full output)`;
}

/** SSM names the streams <command>/<instance>/<plugin>/stdout and .../stderr. */
function outputLocation({ CommandId, InstanceId }: GetCommandInvocationCommandOutput, logGroup: string): string {
  return `CloudWatch log group ${logGroup}, streams ${CommandId}/${InstanceId}/...`;
}
