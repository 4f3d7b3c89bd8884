import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from '../shared/clients.ts';
import { storeToken } from '../shared/commands/commands-table.ts';
import { completeAnnounced } from '../shared/commands/complete-task.ts';
import { startCommandInput } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { CommandUndeliverableError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';

const environment = readEnvironment({ COMMANDS_TABLE: text, COMMAND_LOG_GROUP: text });
const ssm = new SSMClient(clientSettings);

/** How long a command may wait for its agent. The running time is bounded by the document itself. */
const deliverySeconds = 120;

/**
 * Sends a document to an instance and keeps the task token until the command ends. The node never sees the token.
 * When this function dies after sending, the state machine sends again: documents can be run twice.
 * Calls ssm:SendCommand, GetCommandInvocation; dynamodb:UpdateItem; states:SendTaskSuccess, SendTaskFailure.
 * @throws CommandUndeliverableError when no online agent is registered for the instance
 */
export const handler = task(startCommandInput, async (input, { signal }): Promise<void> => {
  const { instanceId, taskToken, documentName } = input;
  const commandId = await send(input, signal);
  logger.info('sent a command', { commandId, documentName, instanceId });
  const record = await storeToken(environment.COMMANDS_TABLE, { commandId, instanceId, taskToken }, signal);
  if (record?.status === undefined) return; // the usual order: the end is still to come
  const { COMMANDS_TABLE: table, COMMAND_LOG_GROUP: logGroup } = environment;
  try {
    await completeAnnounced(record, { table, logGroup, signal });
  } catch (error) {
    // Failing here would fail the task although the command is known and stored: reconcile completes it.
    logger.warn('left an early end to reconcile', {
      commandId,
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
});

async function send(
  input: {
    readonly documentName: string;
    readonly instanceId: string;
    readonly parameters: Readonly<Record<string, string>>;
  },
  abortSignal: AbortSignal,
): Promise<string> {
  const { documentName, instanceId, parameters } = input;
  try {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: documentName,
        InstanceIds: [instanceId],
        Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
        TimeoutSeconds: deliverySeconds,
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
