import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientSettings } from '../shared/clients.ts';
import { readEnvironment, seconds, text } from '../shared/env.ts';
import { LeaseHeldError } from '../shared/errors.ts';
import { leaseRequest, readLease, takeLease } from '../shared/lease.ts';
import { logger, task } from '../shared/task.ts';

const environment = readEnvironment({ LEASES_TABLE: text, LEASE_TIMEOUT_SECONDS: seconds });
const stepFunctions = new SFNClient(clientSettings);

/**
 * Reserves what only one execution may change at a time. An execution that has ended without releasing its lease (a person has stopped it)
 * loses it at once; the lease's own time is for executions that nobody can find any more. May be repeated by the owner. Calls
 * dynamodb:PutItem, dynamodb:GetItem, states:DescribeExecution.
 * @throws LeaseHeldError while another execution runs that has it
 */
export const handler = task(leaseRequest, async (request, { signal }): Promise<{ resource: string }> => {
  const { resource } = request;
  const table = environment.LEASES_TABLE;
  const time = { seconds: environment.LEASE_TIMEOUT_SECONDS };
  if (await takeLease(table, request, time, signal)) return { resource };

  const held = await readLease(table, resource, signal);
  const isFree = held === undefined || !(await isRunning(held.owner, signal));
  if (isFree && (await takeLease(table, request, { ...time, ...(held && { over: held.owner }) }, signal))) {
    if (held) logger.info('an execution that has ended leaves its lease', { resource, owner: held.owner });
    return { resource };
  }
  const [machine, name] = (held?.owner ?? '').split(':').slice(-2);
  throw new LeaseHeldError(
    `${resource} is being changed by the execution ${name} of ${machine} since ${held?.takenAt}: wait for its end, or stop it`,
  );
});

async function isRunning(executionArn: string, abortSignal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
    return status === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
}
