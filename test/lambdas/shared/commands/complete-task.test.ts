import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError, passThrough } from '#support/aws-answers.ts';
import { type CommandsTable, startCommandsTable } from '#support/commands-table.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const instanceId = 'i-0123456789abcdef0';
const documentName = 'stepkube-join-node';
const taskToken = 'token-AAAA';
const command = { documentName, instanceId, taskToken };

vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined })); // pauses between reads of SSM

let table: CommandsTable;
let environment: Record<string, string>;
let commandId = '';
let commands = 0;

beforeAll(async () => {
  table = await startCommandsTable();
  environment = {
    COMMANDS_TABLE: table.name,
    COMMAND_LOG_GROUP: '/stepkube/commands',
    DELIVERY_TIMEOUT_SECONDS: '120',
    WORKER_GROUP_NAME: 'stepkube-workers',
    JOIN_NODE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-join-node',
    DRAIN_NODE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-drain-node',
    RECONCILE_AFTER_SECONDS: '0.001',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  };
});
beforeEach(async () => {
  await table.clear();
  commands += 1;
  commandId = `command-${commands}`;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
afterAll(() => table.stop());

const succeeded = () => ({
  CommandId: commandId,
  InstanceId: instanceId,
  DocumentName: documentName,
  Status: 'Success',
  StatusDetails: 'Success',
  ResponseCode: 0,
});
const failed = () => ({
  ...succeeded(),
  Status: 'Failed',
  StatusDetails: 'Failed',
  ResponseCode: 3,
  StandardErrorContent: 'first line\nkubeadm: the token is not valid\n',
});

/** Default responses of SSM and Step Functions; DynamoDB is real. */
function answer(answers: Readonly<Record<string, AwsResponse>> = {}) {
  return answerAws({
    Update: passThrough,
    Scan: passThrough,
    SendCommand: () => ({ Command: { CommandId: commandId } }),
    GetCommandInvocation: succeeded,
    SendTaskSuccess: {},
    SendTaskFailure: {},
    DescribeAutoScalingGroups: { AutoScalingGroups: [] },
    ...answers,
  });
}
const statusEvent = (status: string) => ({
  source: 'aws.ssm',
  'detail-type': 'EC2 Command Invocation Status-change Notification',
  detail: {
    'command-id': commandId,
    'document-name': documentName,
    'instance-id': instanceId,
    'requested-date-time': '2026-11-22T12:00:00.000Z',
    status,
  },
});
const start = async () => (await loadHandler('start-command', environment))(command, lambdaContext());
const finish = async (status: string) =>
  (await loadHandler('finish-command', environment))(statusEvent(status), lambdaContext());
const reconcile = async () => (await loadHandler('reconcile', environment))({}, lambdaContext());

const completions = (sent: ReturnType<typeof answer>) =>
  sent.filter(({ operation }) => operation.startsWith('SendTask')).map(({ input }) => input);

describe('start-command and finish-command', () => {
  it('start-command sends the document with a log group, and not the task token', async () => {
    const sent = answer();
    await start();
    const { input } = sent.find(({ operation }) => operation === 'SendCommand')!;
    expect(input).toEqual({
      DocumentName: documentName,
      InstanceIds: [instanceId],
      TimeoutSeconds: 120,
      CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: '/stepkube/commands' },
    });
    expect(JSON.stringify(input)).not.toContain(taskToken);
  });

  it('finish-command completes the task if the token came first', async () => {
    const sent = answer();
    await start();
    expect(completions(sent)).toEqual([]);
    expect(await finish('Success')).toEqual({ command: 'completed' });
    expect(completions(sent)).toEqual([{ taskToken, output: JSON.stringify({ commandId, status: 'Success' }) }]);
    expect(await table.attributesOf(commandId)).not.toContain('taskToken');
  });

  it('start-command completes the task if the event came first', async () => {
    const sent = answer();
    expect(await finish('Success')).toEqual({ command: 'waiting' });
    expect(completions(sent)).toEqual([]);
    await start();
    expect(completions(sent)).toEqual([{ taskToken, output: JSON.stringify({ commandId, status: 'Success' }) }]);
  });

  it('finish-command completes the task once if the event is delivered twice', async () => {
    const sent = answer();
    await start();
    await finish('Success');
    expect(await finish('Success')).toEqual({ command: 'repeated' });
    expect(completions(sent)).toHaveLength(1);
  });

  it('finish-command fails the task with the exit code, the tail of stderr and the place of the full output', async () => {
    const sent = answer({ GetCommandInvocation: failed });
    await start();
    await finish('Failed');
    expect(completions(sent)).toEqual([
      {
        taskToken,
        error: 'CommandFailedError',
        cause:
          `${documentName} on ${instanceId} failed with exit code 3: first line\nkubeadm: the token is not valid — ` +
          `full output: CloudWatch log group /stepkube/commands, streams ${commandId}/${instanceId}/...`,
      },
    ]);
  });

  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])(
    'finish-command ignores the status %s',
    async (status) => {
      const sent = answer();
      expect(await finish(status)).toEqual({ command: 'ignored' });
      expect(sent).toEqual([]);
    },
  );

  it('finish-command reads an invocation again that SSM announced but does not show yet', async () => {
    let reads = 0;
    const sent = answer({
      GetCommandInvocation: () => {
        reads += 1;
        if (reads === 1) throw awsError('InvocationDoesNotExist');
        return reads === 2 ? { ...succeeded(), Status: 'InProgress' } : succeeded();
      },
    });
    await start();
    expect(await finish('Success')).toEqual({ command: 'completed' });
    expect(completions(sent)).toHaveLength(1);
  });

  it('finish-command throws InvocationNotReadyError if SSM never shows the invocation, and leaves the token for reconcile', async () => {
    const sent = answer({
      GetCommandInvocation: () => {
        throw awsError('InvocationDoesNotExist');
      },
    });
    await start();
    expect((await errorOf(finish('Success'))).name).toBe('InvocationNotReadyError');
    expect(completions(sent)).toEqual([]);
    expect(await table.attributesOf(commandId)).toContain('taskToken');
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
    'finish-command treats %s as the end of the task',
    async (name) => {
      answer({
        SendTaskSuccess: () => {
          throw awsError(name);
        },
      });
      await start();
      expect(await finish('Success')).toEqual({ command: 'gone' });
      expect(await table.attributesOf(commandId)).toContain('completedAtMilliseconds');
    },
  );

  it('finish-command stores only an expiring status for a command that the cluster did not send', async () => {
    const sent = answer();
    await finish('Failed');
    expect(await table.attributesOf(commandId)).toEqual(['commandId', 'expiresAtSeconds', 'instanceId', 'status']);
    expect(sent.map(({ operation }) => operation)).toEqual(['Update']);
  });

  it('start-command leaves an early end that it cannot read to reconcile, without failing the task', async () => {
    let broken = true;
    const sent = answer({
      GetCommandInvocation: () => {
        if (broken) throw awsError('ThrottlingException');
        return succeeded();
      },
    });
    await finish('Success');
    await start();
    broken = false;
    await vi.waitFor(async () => expect(await reconcile()).toMatchObject({ commands: 1 }), { timeout: 20_000 });
    expect(completions(sent)).toHaveLength(1);
  });

  it('start-command throws CommandUndeliverableError for an instance without an agent', async () => {
    answer({
      SendCommand: () => {
        throw awsError('InvalidInstanceId', 'Instances not in a valid state for account');
      },
    });
    const error = await errorOf(start());
    expect(error.name).toBe('CommandUndeliverableError');
    expect(error.message).toContain(instanceId);
  });
});

describe('reconcile', () => {
  it('reconcile completes the task of a command whose event was lost', async () => {
    const sent = answer({ GetCommandInvocation: failed });
    await start();
    await vi.waitFor(async () => expect(await reconcile()).toEqual({ commands: 1, joins: 0, drains: 0 }), {
      timeout: 20_000,
    });
    expect(completions(sent)).toMatchObject([{ error: 'CommandFailedError' }]);
    expect(await reconcile()).toEqual({ commands: 0, joins: 0, drains: 0 });
  });

  it('reconcile ignores commands that still run and commands that are young', async () => {
    const sent = answer({ GetCommandInvocation: () => ({ ...succeeded(), Status: 'InProgress' }) });
    await start();
    environment['RECONCILE_AFTER_SECONDS'] = '3600';
    expect(await reconcile()).toEqual({ commands: 0, joins: 0, drains: 0 });
    environment['RECONCILE_AFTER_SECONDS'] = '0.001';
    expect(await reconcile()).toEqual({ commands: 0, joins: 0, drains: 0 });
    expect(completions(sent)).toEqual([]);
  });

  it('reconcile completes the other commands if one of them fails, then throws ReconcileIncompleteError', async () => {
    const bad = commandId;
    const sent = answer({
      GetCommandInvocation: ({ CommandId }: { CommandId: string }) => {
        if (CommandId === bad) throw awsError('InternalServerError', 'SSM had a bad day');
        return { ...succeeded(), CommandId };
      },
    });
    await start();
    commandId = `${bad}-other`;
    await start();
    const error = await errorOf(reconcile());
    expect(error.name).toBe('ReconcileIncompleteError');
    expect(error.message).toContain(`command ${bad}: InternalServerError: SSM had a bad day`);
    expect(completions(sent)).toEqual([{ taskToken, output: JSON.stringify({ commandId, status: 'Success' }) }]);
  });
});
