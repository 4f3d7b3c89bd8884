/**
 * Completes the Step Functions task that waits for an SSM command. start-command stores the task token and finish-command
 * the command's final status, in either order; the second of them completes the task. reconcile does it if the status event
 * was lost.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  InvocationDoesNotExist,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { clientSettings } from '../clients.ts';
import { InvocationNotReadyError } from '../errors.ts';
import { logger } from '../task.ts';
import { type CommandOutcome, outcomeOf } from './command-outcome.ts';
import { type CommandRecord, markCompleted } from './commands-table.ts';

const ssm = new SSMClient(clientSettings);
const stepFunctions = new SFNClient(clientSettings);

export interface CompletionContext {
  /** Name of the commands table. */
  readonly table: string;
  /** Log group with the commands' full output. */
  readonly logGroup: string;
  readonly signal: AbortSignal;
}

/** 'completed': by this call. 'gone': no task waits for the command any more. 'running': the command has not ended. */
export type Completion = 'completed' | 'gone' | 'running';

/** How often an invocation is read whose end was announced, and the first pause between reads; pauses double. */
const maxReads = 5;
const firstPauseMilliseconds = 200;

/**
 * Completes the task of a command whose end was announced.
 * @throws InvocationNotReadyError if SSM still does not show the end; a redelivered event or reconcile tries again
 */
export async function completeAnnounced(record: CommandRecord, context: CompletionContext): Promise<Completion> {
  for (let read = 1; read <= maxReads; read += 1) {
    const completion = await completeIfEnded(record, context);
    if (completion !== 'running') return completion;
    if (read < maxReads) await wait(firstPauseMilliseconds * 2 ** (read - 1), undefined, { signal: context.signal });
  }
  throw new InvocationNotReadyError(`SSM announced the end of ${record.commandId} but does not show it yet`);
}

/** Completes the task of a command if the command has ended. */
export async function completeIfEnded(record: CommandRecord, context: CompletionContext): Promise<Completion> {
  if (record.taskToken === undefined) return 'gone';
  const invocation = await readInvocation(record, context.signal);
  const outcome = invocation && outcomeOf(invocation, context.logGroup);
  if (outcome === undefined) return 'running';
  const completion = await completeTask(record.commandId, record.taskToken, outcome, context.signal);
  await markCompleted(context.table, record.commandId, context.signal);
  logger.info('completed the task of a command', { commandId: record.commandId, outcome: outcome.kind, completion });
  return completion;
}

/** @returns undefined if SSM, which is eventually consistent, does not know the invocation yet. */
async function readInvocation(
  { commandId, instanceId }: CommandRecord,
  abortSignal: AbortSignal,
): Promise<GetCommandInvocationCommandOutput | undefined> {
  try {
    const query = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId });
    return await ssm.send(query, { abortSignal });
  } catch (error) {
    if (error instanceof InvocationDoesNotExist || nameOf(error) === 'InvocationDoesNotExist') return undefined;
    throw error;
  }
}

async function completeTask(
  commandId: string,
  taskToken: string,
  outcome: CommandOutcome,
  abortSignal: AbortSignal,
): Promise<Completion> {
  try {
    if (outcome.kind === 'succeeded') {
      const output = JSON.stringify({ commandId, status: 'Success' });
      await stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output }), { abortSignal });
    } else {
      const { name, message } = outcome.error;
      await stepFunctions.send(new SendTaskFailureCommand({ taskToken, error: name, cause: message }), { abortSignal });
    }
    return 'completed';
  } catch (error) {
    // Another function completed it a moment ago, or the execution timed out or was stopped.
    if (['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'].includes(nameOf(error))) return 'gone';
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
