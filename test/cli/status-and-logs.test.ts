import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployedAccount } from '#support/deployed-account.ts';
import { runStepkube, startStepkube } from '#support/stepkube.ts';

const account = deployedAccount();
const { stepkube } = account;

describe('./stepkube status', () => {
  it('before the birth of the cluster it says what is missing, each with the next step', async () => {
    const { exitCode, stdout } = await stepkube('status');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Cluster stepkube in us-east-1, stack test: CREATE_COMPLETE');
    expect(stdout).toContain('The secret stepkube/telegram has no value: store {"token": "..."}');
    expect(stdout).toContain('There is no control plane: ./stepkube provision --yes');
    expect(stdout).toMatch(/Workers: \d of 1 in service \(1 to 5\)\n {2}i-[0-9a-f]{17} {2}\S+ +us-east-1a/);
    expect(stdout).toMatch(/stepkube\/join +no value yet/);
  });

  it('a failed execution needs somebody: it is named with its cause and the runbook', async () => {
    const stateMachineArn = account.cloud().outputs['JoinNodeMachineArn'];
    await new SFNClient(account.client()).send(new StartExecutionCommand({ stateMachineArn, name: 'of-a-worker' }));
    await expect.poll(() => account.cloud().view().executions.at(-1)?.status).toBe('FAILED');
    const { stdout } = await stepkube('status');
    expect(stdout).toContain('join-node ended as FAILED: the disk is full (docs/runbooks/failed-execution.md)');
    expect(stdout).toMatch(/join-node +FAILED +just now +of-a-worker/);
  });

  it('--output json tells programs the same, and no secret value in any form', async () => {
    const value = '{"token":"123456:not-for-anybody"}';
    const secrets = new SecretsManagerClient(account.client());
    await secrets.send(new PutSecretValueCommand({ SecretId: 'stepkube/telegram', SecretString: value }));
    const { stdout } = await stepkube('status', '--output', 'json');
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({
      cluster: 'stepkube',
      controlPlanes: [],
      workers: { group: 'stepkube-workers', minimum: 1, desired: 1, maximum: 5, launchesAreSuspended: false },
      executions: [{ machine: 'join-node', status: 'FAILED', cause: 'the disk is full' }],
    });
    expect(status.secrets).toHaveLength(7);
    expect(status.secrets).toContainEqual({
      name: 'stepkube/telegram',
      changedAt: expect.stringMatching(/^2\d{3}-/),
    });
    expect(status.attention.join('\n')).not.toContain('telegram');
    expect(stdout).not.toContain('not-for-anybody');
  });

  it('a stack that is not deployed is one line with the next step', async () => {
    const { exitCode, stderr } = await runStepkube(['status', '--stack', 'other'], { env: account.env() });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('stack other in us-east-1 does not exist');
    expect(stderr).toContain('./stepkube deploy');
  });
});

describe('./stepkube logs', () => {
  const logs = () => new CloudWatchLogsClient(account.client());
  const stream = { logGroupName: '/stepkube/commands', logStreamName: 'c-1/i-1/stdout' };
  const write = (message: string, secondsAgo: number) =>
    logs().send(
      new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now() - secondsAgo * 1000, message }] }),
    );
  beforeAll(async () => {
    await logs().send(new CreateLogStreamCommand(stream));
    await write('installed yesterday', 20 * 3600);
    await write('joined just now', 60);
  });

  it('./stepkube logs shows the last quarter of an hour, or as far back as --since says', async () => {
    const { stdout } = await stepkube('logs');
    expect(stdout).toMatch(/^2\S+Z c-1\/i-1\/stdout joined just now\n$/);
    const { stdout: day } = await stepkube('logs', 'commands', '--since', '1d');
    expect(day.split('\n').map((line) => line.split(' ').slice(2).join(' '))).toEqual([
      'installed yesterday',
      'joined just now',
      '',
    ]);
  });

  it('--follow shows each new line once', async () => {
    const run = startStepkube(['logs', '--follow', '--stack', 'test'], { env: account.env() });
    await run.printed(/joined just now/);
    await write('drained', 0);
    await run.printed(/drained/);
    run.process.kill('SIGINT');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(130);
    expect(stdout.match(/joined just now/g)).toHaveLength(1);
  });

  it.each([
    [['logs', 'kernel'], 'source kernel: must be one of commands, apply-workloads,'],
    [['logs', '--since', 'yesterday'], '--since yesterday: must be a number with s, m, h or d, such as 15m'],
    [['logs', '--follow', '--output', 'json'], '--output json: goes without --follow'],
  ])('%j is refused with the value and what is allowed', async (args, message) => {
    const { exitCode, stderr } = await stepkube(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('a log that does not exist yet is one line with the next step', async () => {
    const { exitCode, stderr } = await stepkube('logs', 'drain-node');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the log group /aws/lambda/stepkube-drain-node does not exist');
  });
});
