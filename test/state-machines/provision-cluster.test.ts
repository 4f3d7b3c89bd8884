import { describe, expect, it } from 'vitest';
import { runsOf } from '#support/machine-runs.ts';
import { childError, failing, lambdaError, repeated, serviceError, type TaskHandler } from '#support/run-asl.ts';

const instanceId = 'i-0123456789abcdef0';
const applied = {
  workloads: [{ kind: 'Deployment', namespace: 'stepkube', name: 'polybot' }],
  endpoints: { bot: 'https://bot.example.com/telegram' },
};
const documents = ['InstallRuntime', 'InitControlPlane', 'InstallNetwork', 'IssueJoinCredentials', 'InstallAddons'];
const again = 'start provision-cluster again: it continues where it stopped';

const runMachine = runsOf('provision-cluster');

function provision(handlers: Readonly<Record<string, TaskHandler>> = {}, input: object = {}) {
  return runMachine(input, {
    SetWorkerCapacity: () => ({ workers: 2, desired: 2, changed: true }),
    EnsureControlPlane: () => ({ instanceId, privateIp: '10.0.0.10', created: true }),
    ApplyWorkloads: () => applied,
    ...handlers,
  });
}

describe('provision-cluster', () => {
  it('provision-cluster runs its steps in order and returns the endpoints', async () => {
    const seen: Record<string, unknown> = {};
    const record =
      (name: string, result: object = {}): TaskHandler =>
      (input) => {
        seen[name] = input;
        return result;
      };
    const run = await provision(
      {
        SetWorkerCapacity: record('SetWorkerCapacity', { workers: 2, desired: 4, changed: false }),
        InitControlPlane: record('InitControlPlane'),
        WaitForNodes: record('WaitForNodes'),
        ApplyWorkloads: record('ApplyWorkloads', applied),
      },
      { workers: 2 },
    );
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: applied });
    expect(seen).toEqual({
      SetWorkerCapacity: { workers: 2 },
      InitControlPlane: {
        StateMachineArn: expect.stringContaining('RunCommandMachine'),
        Input: { documentName: 'InitControlPlaneDocument', instanceId },
      },
      WaitForNodes: { count: 3 },
      ApplyWorkloads: {},
    });
    expect(run.path).toEqual([
      'ReserveCluster',
      'SetWorkerCapacity',
      'EnsureControlPlane',
      'WaitForAgent',
      'InstallRuntime',
      'InitControlPlane',
      'InstallNetwork',
      'IssueJoinCredentials',
      'WaitForNodes',
      'InstallAddons',
      'ApplyWorkloads',
      'ReleaseCluster',
      'Provisioned',
    ]);
  });

  it('provision-cluster refuses to run beside another execution, changes nothing, and says which one it is', async () => {
    const message = 'cluster is being changed by the execution first of stepkube-provision-cluster since 12:00';
    const run = await provision({ ReserveCluster: failing([lambdaError('LeaseHeldError', message)]) });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ReserveClusterFailed',
      cause: expect.stringContaining(message),
    });
    expect(run.path).not.toContain('SetWorkerCapacity');
  });

  it('provision-cluster that succeeds stays so when its lease cannot be ended', async () => {
    const away = failing(repeated(9, () => lambdaError('AwsUnavailableError', 'throttled')));
    const run = await provision({ ReleaseCluster: away, ApplyWorkloads: () => applied });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: applied });
  });

  it('provision-cluster launches the workers before it prepares the control plane', async () => {
    const order: string[] = [];
    await provision({
      WaitForAgent: () => {
        order.push('control plane online');
        return {};
      },
      SetWorkerCapacity: () => {
        order.push('workers launched');
        return { workers: 2 };
      },
    });
    expect(order).toEqual(['workers launched', 'control plane online']);
  });

  it.each(documents)('provision-cluster fails with the cause of document %s, after diagnostics', async (step) => {
    const cause = `stepkube-x on ${instanceId} failed with exit code 1: the tail — full output: CloudWatch log group /stepkube/commands`;
    const diagnosed: unknown[] = [];
    const run = await provision({
      [step]: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: cause })]),
      CollectDiagnostics: ({ Input }) => {
        diagnosed.push(Input);
        return {};
      },
    });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: `${step}Failed`,
      cause: `${step} failed: ${cause} — next: read the full output and remove the cause, then ${again}`,
    });
    expect(diagnosed).toEqual([{ documentName: 'CollectDiagnosticsDocument', instanceId }]);
    expect(run.path).not.toContain('ApplyWorkloads');
  });

  it('provision-cluster keeps the first cause if the diagnostics fail too', async () => {
    const run = await provision({
      InitControlPlane: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the first' })]),
      CollectDiagnostics: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the second' })]),
    });
    expect(run.error).toBe('InitControlPlaneFailed');
    expect(run.cause).toMatch(/^InitControlPlane failed: the first — next: /);
  });

  it.each([
    ['SetWorkerCapacity', 'WorkerCapacityError'],
    ['EnsureControlPlane', 'ControlPlaneAmbiguousError'],
    ['WaitForAgent', 'InstanceGoneError'],
    ['WaitForNodes', 'KubeconfigInvalidError'],
    ['ApplyWorkloads', 'RolloutFailedError'],
  ])(
    "provision-cluster fails with the function's message and without diagnostics if %s throws %s",
    async (step, error) => {
      const run = await provision({ [step]: failing([lambdaError(error, 'what is wrong\nand where')]) });
      expect(run).toMatchObject({ status: 'FAILED', error: `${step}Failed` });
      expect(run.cause?.startsWith(`${step} failed: ${error}: what is wrong\nand where — next: `)).toBe(true);
      expect(run.cause?.endsWith(again)).toBe(true);
      expect(run.path).not.toContain('CollectDiagnostics');
    },
  );

  it('provision-cluster refuses an invalid input before it launches anything', async () => {
    const run = await provision({
      SetWorkerCapacity: failing([lambdaError('InvalidInputError', 'Unrecognized key: "worker"')]),
    });
    expect(run).toMatchObject({
      error: 'SetWorkerCapacityFailed',
      cause: `SetWorkerCapacity failed: InvalidInputError: Unrecognized key: "worker" — next: correct the input, then ${again}`,
    });
    expect(run.path).toEqual([
      'ReserveCluster',
      'SetWorkerCapacity',
      'DescribeFailure',
      'CanDiagnose',
      'ReleaseAfterFailure',
      'ProvisioningFailed',
    ]);
  });

  it.each([
    [
      'a nested execution that timed out',
      childError({ Status: 'TIMED_OUT' }),
      `InstallNetworkDocument on ${instanceId}: the execution arn:aws:states:us-east-1:123456789012:execution:stepkube-run-command:child ended with status TIMED_OUT`,
    ],
    [
      'a nested execution with the report of a function as its cause',
      childError({ Status: 'FAILED', Error: 'Oops', Cause: '{"errorType":"Oops","errorMessage":"inner"}' }),
      'Oops: inner',
    ],
    [
      'a cause in plain text',
      serviceError('StepFunctions.AccessDeniedException', 'no access'),
      'StepFunctions.AccessDeniedException: no access',
    ],
    [
      'a cause that was cut off',
      serviceError('States.TaskFailed', '{"ExecutionArn": "arn'),
      'States.TaskFailed: {"ExecutionArn": "arn',
    ],
    [
      'a timeout, which has no cause',
      serviceError('States.Timeout', ''),
      `InstallNetworkDocument on ${instanceId} did not end within 60 seconds`,
    ],
  ])('provision-cluster explains %s', async (_what, error, text) => {
    const run = await provision({ InstallNetwork: failing([error]) });
    expect(run.error).toBe('InstallNetworkFailed');
    expect(run.cause?.split(' — next: ')[0]).toBe(`InstallNetwork failed: ${text}`);
  });

  it('provision-cluster names the function that did not return in time', async () => {
    const run = await provision({ ApplyWorkloads: failing([serviceError('States.Timeout', '')]) });
    expect(run.cause).toMatch(
      /^ApplyWorkloads failed: the function ApplyWorkloads did not end within 60 seconds — next: /,
    );
  });

  it.each([
    ['a function', lambdaError('RolloutFailedError', 'polybot'), 'RolloutFailedError', 'polybot'],
    ['a timeout', serviceError('States.Timeout', ''), 'States.Timeout', 'States.Timeout'],
  ])('provision-cluster reports the raw failure of %s if describe-failure fails', async (_what, error, name, text) => {
    const run = await provision({
      ApplyWorkloads: failing([error]),
      DescribeFailure: failing(repeated(9, () => lambdaError('AwsUnavailableError', 'no history'))),
    });
    expect(run).toMatchObject({ status: 'FAILED', error: name });
    expect(run.cause).toContain(text);
    expect(run.path.slice(-3)).toEqual(['TakeRawFailure', 'ReleaseAfterFailure', 'ProvisioningFailed']);
  });

  it.each([
    ['EnsureControlPlane', 'ControlPlaneStoppingError', 10],
    ['WaitForAgent', 'AgentOfflineError', 59],
    ['WaitForAgent', 'UnsupportedAgentVersionError', 59],
    ['WaitForNodes', 'NodesNotReadyError', 11],
    ['WaitForNodes', 'ClusterUnreachableError', 59],
    ['ApplyWorkloads', 'ClusterUnreachableError', 11],
    ['ApplyWorkloads', 'Lambda.TooManyRequestsException', 3],
    ['InitControlPlane', 'StepFunctions.ExecutionLimitExceededException', 5],
  ])('provision-cluster retries %s after %s', async (step, error, count) => {
    const results: Record<string, object> = { EnsureControlPlane: { instanceId }, ApplyWorkloads: applied };
    const errors = repeated(count, () => lambdaError(error, 'not yet'));
    const run = await provision({ [step]: failing(errors, results[step]) });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: applied });
  });

  it('provision-cluster fails if the agent of the control plane never comes online', async () => {
    const offline = repeated(100, () => lambdaError('AgentOfflineError', 'offline'));
    const run = await provision({ WaitForAgent: failing(offline) });
    expect(run.error).toBe('WaitForAgentFailed');
    expect(run.cause).toMatch(/^WaitForAgent failed: AgentOfflineError: offline — next: /);
    expect(run.path).not.toContain('CollectDiagnostics');
  });

  it('provision-cluster does not run a failed document again', async () => {
    const failure = childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'exit code 1' });
    const run = await provision({ InstallRuntime: failing([failure]) });
    expect(run.status).toBe('FAILED');
  });
});
