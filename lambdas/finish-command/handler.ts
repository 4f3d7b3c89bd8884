import { isFinal } from '../shared/commands/command-outcome.ts';
import { storeStatus } from '../shared/commands/commands-table.ts';
import { type Completion, completeAnnounced } from '../shared/commands/complete-task.ts';
import { commandStatusEvent } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';

const environment = readEnvironment({ COMMANDS_TABLE: text, COMMAND_LOG_GROUP: text });

/** 'ignored': the command still runs. 'waiting': its token is not stored yet. 'repeated': it was completed before. */
type Finish = Completion | 'ignored' | 'waiting' | 'repeated';

/**
 * A command changed its status: completes the waiting task, or stores the status for start-command to find. For a command
 * that the cluster did not send, only an item remains, which expires.
 * Calls dynamodb:UpdateItem; ssm:GetCommandInvocation; states:SendTaskSuccess, SendTaskFailure.
 * @throws InvocationNotReadyError: Lambda then redelivers the event, and reconcile is the last resort
 */
export const handler = task(commandStatusEvent, async ({ detail }, { signal }): Promise<{ command: Finish }> => {
  const { 'command-id': commandId, 'instance-id': instanceId, status } = detail;
  if (!isFinal(status)) return { command: 'ignored' };
  const record = await storeStatus(environment.COMMANDS_TABLE, { commandId, instanceId, status }, signal);
  if (record === undefined) return { command: 'repeated' };
  if (record.taskToken === undefined) {
    logger.info('the end of a command came before its token', { commandId, status });
    return { command: 'waiting' };
  }
  const { COMMANDS_TABLE: table, COMMAND_LOG_GROUP: logGroup } = environment;
  return { command: await completeAnnounced(record, { table, logGroup, signal }) };
});
