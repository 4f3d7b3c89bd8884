/**
 * Where a task token and its command's end meet. Either may come first; whoever comes second completes the task.
 * start-command brings the token, finish-command the end, and reconcile makes up for ends whose event was lost.
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
import { InvocationUnsettledError } from '../errors.ts';
import { logger } from '../task.ts';
import { type CommandOutcome, outcomeOf } from './command-outcome.ts';
import { type CommandRecord, markCompleted } from './commands-table.ts';

const ssm = new SSMClient(clientSettings);
const stepFunctions = new SFNClient(clientSettings);

export interface Rendezvous {
  readonly table: string;
  readonly logGroup: string;
  readonly signal: AbortSignal;
}

/** 'completed': by this call. 'gone': nobody waits for the task any more. 'running': the command has not ended. */
export type Completion = 'completed' | 'gone' | 'running';

/** How often an invocation is read that SSM has announced but does not show yet, and the first pause between. */
const reads = 5;
const firstPauseMilliseconds = 200;

/**
 * Completes the task of a command whose end was announced.
 * @throws InvocationUnsettledError when SSM still does not show the end; the event's redelivery or reconcile comes back
 */
export async function completeAnnounced(record: CommandRecord, rendezvous: Rendezvous): Promise<Completion> {
  for (let read = 1; read <= reads; read += 1) {
    const completion = await completeIfEnded(record, rendezvous);
    if (completion !== 'running') return completion;
    if (read < reads) await wait(firstPauseMilliseconds * 2 ** (read - 1), undefined, { signal: rendezvous.signal });
  }
  throw new InvocationUnsettledError(`SSM announced the end of ${record.commandId} but does not show it yet`);
}

/** Completes the task of a command if the command has ended. */
export async function completeIfEnded(record: CommandRecord, rendezvous: Rendezvous): Promise<Completion> {
  if (record.taskToken === undefined) return 'gone';
  const invocation = await readInvocation(record, rendezvous.signal);
  const outcome = invocation && outcomeOf(invocation, rendezvous.logGroup);
  if (outcome === undefined) return 'running';
  const completion = await completeTask(record.commandId, record.taskToken, outcome, rendezvous.signal);
  await markCompleted(rendezvous.table, record.commandId, rendezvous.signal);
  logger.info('completed the task of a command', { commandId: record.commandId, outcome: outcome.kind, completion });
  return completion;
}

/** undefined: SSM is eventually consistent and does not know the invocation yet. */
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
    // Completed by the other side a moment ago, or the execution timed out or was stopped: there is nothing to do.
    if (['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'].includes(nameOf(error))) return 'gone';
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
