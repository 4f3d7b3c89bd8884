import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { storeToken } from '../shared/commands/commands-table.ts';
import { completeAnnounced } from '../shared/commands/complete-task.ts';
import { name, runCommandInput } from '../shared/contracts.ts';
import { readEnvironment, seconds, text } from '../shared/env.ts';
import { CommandUndeliverableError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';

const input = z.strictObject({ ...runCommandInput.shape, taskToken: name });

const environment = readEnvironment({
  COMMANDS_TABLE: text,
  COMMAND_LOG_GROUP: text,
  DELIVERY_TIMEOUT_SECONDS: seconds,
});
const ssm = new SSMClient(clientSettings);

/**
 * Sends a document to an instance and stores the task token until the command ends. The token never reaches the instance.
 * Its result is in the history while the command runs: whoever looks there finds the command's output.
 * If this function dies after sending, the state machine sends the command again: documents can be run twice.
 * Calls ssm:SendCommand, GetCommandInvocation; dynamodb:UpdateItem; states:SendTaskSuccess, SendTaskFailure.
 * @throws CommandUndeliverableError when no online agent is registered for the instance
 */
export const handler = task(
  input,
  async ({ documentName, instanceId, taskToken }, { signal }): Promise<{ readonly commandId: string }> => {
    const commandId = await send(documentName, instanceId, signal);
    logger.info('sent a command', { commandId, documentName, instanceId });
    const record = await storeToken(environment.COMMANDS_TABLE, { commandId, instanceId, taskToken }, signal);
    const sent = { commandId };
    if (record?.status === undefined) return sent; // the usual order: the end is still to come
    const { COMMANDS_TABLE: table, COMMAND_LOG_GROUP: logGroup } = environment;
    try {
      await completeAnnounced(record, { table, logGroup, signal });
    } catch (error) {
      // An error here would fail the task although the command and its token are stored: reconcile completes it.
      logger.warn('left an early end to reconcile', {
        commandId,
        reason: error instanceof Error ? error.name : 'unknown',
      });
    }
    return sent;
  },
);

async function send(documentName: string, instanceId: string, abortSignal: AbortSignal): Promise<string> {
  try {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: documentName,
        InstanceIds: [instanceId],
        TimeoutSeconds: environment.DELIVERY_TIMEOUT_SECONDS,
        CloudWatchOutputConfig: {
          CloudWatchOutputEnabled: true,
          CloudWatchLogGroupName: environment.COMMAND_LOG_GROUP,
        },
      }),
      { abortSignal },
    );
    return Command!.CommandId!;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'InvalidInstanceId') throw error;
    throw new CommandUndeliverableError(
      `${documentName} was not started: ${instanceId} has no SSM agent that is online`,
      { cause: error },
    );
  }
}
