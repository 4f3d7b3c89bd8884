import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleResource, startTestCloud, type TestCloud } from '#support/cloud.ts';
import { environmentOf, runStepkube, startStepkube } from '#support/stepkube.ts';

const machineRole = { 'Fn::GetAtt': ['MachineRole', 'Arn'] };

function machine(name: string, definition: object) {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: `stepkube-${name}`,
      RoleArn: machineRole,
      DefinitionString: { 'Fn::Sub': JSON.stringify(definition) },
    },
  };
}

const given = { Variable: '$.workers', IsPresent: true };

/** provision-cluster succeeds with 1 worker, fails in a nested execution with 7, and never ends without a number. */
const resources = {
  MachineRole: roleResource('machine', [{ Effect: 'Allow', Action: 'states:*', Resource: '*' }]),
  RunCommand: machine('run-command', {
    StartAt: 'RunDocument',
    States: { RunDocument: { Type: 'Fail', Error: 'CommandFailed', Cause: 'kubeadm init ended with exit code 1' } },
  }),
  ProvisionCluster: machine('provision-cluster', {
    StartAt: 'PrepareNodes',
    States: {
      PrepareNodes: { Type: 'Pass', Next: 'Decide' },
      Decide: {
        Type: 'Choice',
        Choices: [
          { And: [given, { Variable: '$.workers', NumericEquals: 1 }], Next: 'ApplyWorkloads' },
          { And: [given, { Variable: '$.workers', NumericEquals: 7 }], Next: 'InitControlPlane' },
        ],
        Default: 'WaitForNodes',
      },
      InitControlPlane: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: '${RunCommand}', Input: {} },
        Next: 'ApplyWorkloads',
      },
      WaitForNodes: { Type: 'Wait', Seconds: 1_000_000, Next: 'ApplyWorkloads' },
      ApplyWorkloads: { Type: 'Pass', Result: { bot: 'https://bot.example.com' }, End: true },
    },
  }),
};

let account: TestCloud;
let client: SFNClient;
let env: NodeJS.ProcessEnv;
let provisionArn: string;
beforeAll(async () => {
  account = await startTestCloud({
    resources,
    template: { Outputs: { ProvisionClusterMachineArn: { Value: { Ref: 'ProvisionCluster' } } } },
  });
  client = new SFNClient(account.client());
  env = environmentOf(account.cloud);
  provisionArn = account.cloud.outputs['ProvisionClusterMachineArn']!;
});
afterAll(async () => {
  client.destroy();
  await account.stop();
});

const stepkube = (...args: string[]) => runStepkube(args, { env });
const executionArnIn = (text: string) => /arn:aws:states:\S+:execution:\S+/.exec(text)?.[0];
const statusOf = async (executionArn: string) =>
  (await client.send(new DescribeExecutionCommand({ executionArn }))).status;

async function start(name: string, input: object): Promise<string> {
  const request = { stateMachineArn: provisionArn, name, input: JSON.stringify(input) };
  return (await client.send(new StartExecutionCommand(request))).executionArn!;
}

describe('./stepkube provision', () => {
  it('./stepkube provision without --yes says what it would start with which input, and starts nothing', async () => {
    const { exitCode, stdout } = await stepkube('provision', '--stack', 'test', '--workers', '3');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Would start  ${provisionArn}\nWith input   {"workers":3}\n`);
    expect(stdout).toMatch(/\nNothing was started\. .* \.\/stepkube provision --yes --stack test --workers 3\n$/);
    expect(account.cloud.view().executions).toEqual([]);
  });

  it('./stepkube provision --output json without --yes describes the same', async () => {
    const { exitCode, stdout } = await stepkube('provision', '--stack', 'test', '--output', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      dryRun: true,
      stackName: 'test',
      region: 'us-east-1',
      stateMachineArn: provisionArn,
      input: {},
    });
  });

  it('./stepkube provision names a stack that is not deployed and the next step', async () => {
    const { exitCode, stdout, stderr } = await stepkube('provision', '--yes');
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('✖ stack stepkube in us-east-1 does not exist\nDeploy it first: ./stepkube deploy\n');
  });

  it("./stepkube provision --yes shows the execution's states and its output", async () => {
    const { exitCode, stdout } = await stepkube('provision', '--yes', '--stack', 'test', '--workers', '1');
    expect(exitCode).toBe(0);
    expect(executionArnIn(stdout)).toContain(':stepkube-provision-cluster:');
    expect(stdout).toMatch(/Prepare nodes[\s\S]*Apply workloads/);
    expect(stdout).toContain('\nThe cluster is ready.\n{\n  "bot": "https://bot.example.com"\n}\n');
  });

  it('./stepkube provision --yes names the failed state, the nested failure and the next step, and exits 1', async () => {
    const { exitCode, stderr } = await stepkube('provision', '--yes', '--stack', 'test', '--workers', '7');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^✖ InitControlPlane failed: CommandFailed: kubeadm init ended with exit code 1$/m);
    expect(stderr).toMatch(/^ {2}in arn:aws:states:\S+:execution:stepkube-run-command:\S+$/m);
    expect(stderr).toMatch(/^ +RunDocument failed: CommandFailed: kubeadm init ended with exit code 1$/m);
    expect(stderr).toMatch(/\nFix the cause and start it again: finished steps are kept\.\n$/);
  });

  it('./stepkube provision --yes --output json prints the failure on stdout and the error on stderr', async () => {
    const { exitCode, stdout, stderr } = await stepkube(
      ...['provision', '--yes', '--stack', 'test', '--workers', '7', '--output', 'json'],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain('InitControlPlane failed');
    const outcome = JSON.parse(stdout);
    const cause = { error: 'CommandFailed', cause: 'kubeadm init ended with exit code 1' };
    expect(outcome).toMatchObject({
      executionArn: expect.stringContaining(':stepkube-provision-cluster:'),
      status: 'FAILED',
      output: null,
      failures: [
        { executionArn: outcome.executionArn, state: 'InitControlPlane', ...cause },
        { executionArn: expect.stringContaining(':stepkube-run-command:'), state: 'RunDocument', ...cause },
      ],
      states: [
        { name: 'PrepareNodes', status: 'succeeded', failedAttempts: 0, seconds: expect.any(Number) },
        { name: 'Decide', status: 'succeeded' },
        { name: 'InitControlPlane', status: 'failed', failedAttempts: 1, seconds: expect.any(Number) },
      ],
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    './stepkube provision leaves on %s with exit code %i and lets the execution go on',
    async (signal, code) => {
      const running = startStepkube(['provision', '--yes', '--stack', 'test'], { env });
      const [executionArn] = await running.printed(/arn:aws:states:\S+:execution:\S+/);
      await running.printed(/Wait for nodes/);
      running.process.kill(signal);
      const { exitCode, stderr } = await running.ended;
      expect(exitCode).toBe(code);
      expect(stderr).toBe(
        `✖ Wait for nodes [FAILED: no longer followed]\n\nThe execution goes on; follow it again with: ./stepkube follow ${executionArn}\n`,
      );
      expect(await statusOf(executionArn)).toBe('RUNNING');
      await client.send(new StopExecutionCommand({ executionArn }));
    },
  );
});

describe('./stepkube follow', () => {
  it('./stepkube follow finds an execution by its name and prints how long each state took', async () => {
    const executionArn = await start('by-name', { workers: 1 });
    const { exitCode, stdout } = await stepkube('follow', 'by-name');
    expect(exitCode).toBe(0);
    expect(executionArnIn(stdout)).toBe(executionArn);
    expect(stdout).toMatch(
      /^Prepare nodes +\d+\.\d s\nDecide +\d+\.\d s\nApply workloads +\d+\.\d s\nTogether +\d+\.\d s$/m,
    );
    expect(stdout).toContain('"bot": "https://bot.example.com"');
  });

  it('./stepkube follow --output json gives status, times and output of an execution by its ARN', async () => {
    const executionArn = await start('by-arn', { workers: 1 });
    const { exitCode, stdout } = await stepkube('follow', executionArn, '--output', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      executionArn,
      status: 'SUCCEEDED',
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      seconds: expect.any(Number),
      output: { bot: 'https://bot.example.com' },
      failures: [],
      states: [{ name: 'PrepareNodes' }, { name: 'Decide' }, { name: 'ApplyWorkloads' }],
    });
  });

  it('./stepkube follow finds the execution of any machine and traces its failure', async () => {
    await start('failing', { workers: 7 });
    const outer = JSON.parse((await stepkube('follow', 'failing', '--output', 'json')).stdout);
    const name = outer.failures[1].executionArn.split(':').at(-1);
    const { exitCode, stderr } = await stepkube('follow', name);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('RunDocument failed: CommandFailed: kubeadm init ended with exit code 1');
  });

  it('./stepkube follow names the state in which an execution was stopped, and its cause', async () => {
    const executionArn = await start('stopped', {});
    const running = startStepkube(['follow', 'stopped'], { env });
    await running.printed(/Wait for nodes/);
    await client.send(new StopExecutionCommand({ executionArn, error: 'Maintenance', cause: 'by hand' }));
    const { exitCode, stderr, stdout } = await running.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('WaitForNodes failed: Maintenance: by hand');
    expect(stdout).toMatch(/^Wait for nodes +\S.* aborted$/m);
  });

  it('./stepkube follow names an unknown execution and the machines it looked at', async () => {
    const { exitCode, stderr } = await stepkube('follow', 'nothing');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      '✖ no execution is named nothing (looked at stepkube-run-command, stepkube-provision-cluster)\n',
    );
  });

  it('./stepkube follow refuses a name that two machines have, with both ARNs', async () => {
    const first = await start('twice', { workers: 1 });
    const stateMachineArn = provisionArn.replace('provision-cluster', 'run-command');
    const { executionArn: second } = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'twice' }));
    const { exitCode, stderr } = await stepkube('follow', 'twice');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('twice: several executions have this name');
    expect(stderr).toContain(first);
    expect(stderr).toContain(second);
  });
});
