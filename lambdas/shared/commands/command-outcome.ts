import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import {
  CommandCancelledError,
  CommandFailedError,
  CommandTimedOutError,
  CommandUndeliverableError,
} from '../errors.ts';

/** How a command ended; undefined when it has not ended yet. */
export type CommandOutcome = { readonly kind: 'succeeded' } | { readonly kind: 'failed'; readonly error: Error };

const tailLines = 15;
const tailCharacters = 2_000;
/** SSM keeps this much of the standard error, from its beginning. */
const keptCharacters = 8_000;

/** A status after which a command does not change any more. */
export function isFinal(status: string | undefined): boolean {
  return status !== undefined && ['Success', 'Failed', 'TimedOut', 'Cancelled'].includes(status);
}

/**
 * The outcome of an invocation, with an error that says which document failed where, how, and where the rest of its
 * output is. Status details: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
export function outcomeOf(invocation: GetCommandInvocationCommandOutput, logGroup: string): CommandOutcome | undefined {
  const { Status, DocumentName, InstanceId, ResponseCode } = invocation;
  if (!isFinal(Status)) return undefined;
  if (Status === 'Success') return { kind: 'succeeded' };
  const subject = `${DocumentName} on ${InstanceId}`;
  const output = `${tailOf(invocation)} — full output: ${whereIs(invocation, logGroup)}`;
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
function whereIs({ CommandId, InstanceId }: GetCommandInvocationCommandOutput, logGroup: string): string {
  return `CloudWatch log group ${logGroup}, streams ${CommandId}/${InstanceId}/...`;
}
