import { describe, expect, it } from 'vitest';
import { childError, failing, lambdaError, runAsl, serviceError, type TaskHandler } from '#support/run-asl.ts';

const instanceId = 'i-0123456789abcdef0';
const config = {
  clusterName: 'stepkube',
  workers: 2,
  parameters: {
    installRuntime: { ClusterName: 'stepkube' },
    initControlPlane: { ClusterName: 'stepkube', PodCidr: '10.244.0.0/16' },
    installNetwork: { ClusterName: 'stepkube' },
    issueJoinCredentials: { ClusterName: 'stepkube' },
    joinNode: { ClusterName: 'stepkube' },
  },
};
const applied = {
  workloads: [{ kind: 'Deployment', namespace: 'stepkube', name: 'polybot' }],
  endpoints: { bot: 'https://bot.example.com/telegram' },
};
const documents = ['InstallRuntime', 'InitControlPlane', 'InstallNetwork', 'IssueJoinCredentials'];

function provision(handlers: Readonly<Record<string, TaskHandler>> = {}, input: object = {}) {
  return runAsl('provision-cluster', input, {
    ResolveConfig: () => config,
    EnsureControlPlane: () => ({ instanceId, privateIp: '10.0.0.10', created: true }),
    SetWorkerCapacity: () => ({ desired: 2, changed: true }),
    ApplyWorkloads: () => applied,
    ...handlers,
  });
}
const times = (count: number, error: () => Error) => Array.from({ length: count }, error);

describe('provision-cluster', () => {
  it('goes through every step and answers the endpoints', async () => {
    const seen: Record<string, unknown> = {};
    const record =
      (name: string, answer: object = {}): TaskHandler =>
      (input) => {
        seen[name] = input;
        return answer;
      };
    const run = await provision(
      {
        ResolveConfig: record('ResolveConfig', config),
        SetWorkerCapacity: record('SetWorkerCapacity'),
        InitControlPlane: record('InitControlPlane'),
        WaitForNodes: record('WaitForNodes'),
        ApplyWorkloads: record('ApplyWorkloads', applied),
      },
      { workers: 2 },
    );
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: applied });
    expect(seen).toEqual({
      ResolveConfig: { workers: 2 },
      SetWorkerCapacity: { workers: 2 },
      InitControlPlane: {
        StateMachineArn: expect.stringContaining('RunCommandMachine'),
        Input: { documentName: 'InitControlPlaneDocument', instanceId, parameters: config.parameters.initControlPlane },
      },
      WaitForNodes: { count: 3 },
      ApplyWorkloads: {},
    });
    expect(run.path.filter((state) => documents.includes(state))).toEqual(documents);
    expect(run.path).not.toContain('CollectDiagnostics');
  });

  it('boots the workers before the control plane is prepared', async () => {
    const order: string[] = [];
    const agent = Promise.withResolvers<object>();
    await provision({
      WaitForAgent: async () => {
        await agent.promise;
        order.push('control plane online');
        return {};
      },
      SetWorkerCapacity: () => {
        order.push('workers wanted');
        agent.resolve({});
        return {};
      },
    });
    expect(order).toEqual(['workers wanted', 'control plane online']);
  });

  it.each(documents)('ends with the cause of the document when %s fails, after diagnostics', async (step) => {
    const cause = `stepkube-x on ${instanceId} failed with exit code 1: the tail — full output: CloudWatch log group /stepkube/commands`;
    const diagnosed: unknown[] = [];
    const run = await provision({
      [step]: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: cause })]),
      CollectDiagnostics: ({ Input }) => {
        diagnosed.push(Input);
        return {};
      },
    });
    expect(run).toMatchObject({ status: 'FAILED', error: `${step}Failed`, cause: `${step} failed: ${cause}` });
    expect(diagnosed).toEqual([{ documentName: 'CollectDiagnosticsDocument', instanceId, parameters: {} }]);
    expect(run.path).not.toContain('WaitForNodes');
  });

  it('keeps the first cause when the diagnostics fail too', async () => {
    const run = await provision({
      InitControlPlane: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the first' })]),
      CollectDiagnostics: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the second' })]),
    });
    expect(run).toMatchObject({ error: 'InitControlPlaneFailed', cause: 'InitControlPlane failed: the first' });
  });

  it.each([
    ['EnsureControlPlane', 'ControlPlaneAmbiguousError'],
    ['WaitForAgent', 'InstanceGoneError'],
    ['SetWorkerCapacity', 'WorkerCapacityError'],
    ['WaitForNodes', 'KubeconfigInvalidError'],
    ['ApplyWorkloads', 'RolloutFailedError'],
  ])("ends with the function's message when %s fails", async (step, error) => {
    const run = await provision({ [step]: failing([lambdaError(error, 'what is wrong\nand where')]) });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: `${step}Failed`,
      cause: `${step} failed: ${error}: what is wrong\nand where`,
    });
    expect(run.path).not.toContain('CollectDiagnostics');
  });

  it('ends with the message when the input is not valid', async () => {
    const run = await provision({
      ResolveConfig: failing([lambdaError('InvalidInputError', 'Unrecognized key: "worker"')]),
    });
    expect(run).toMatchObject({
      error: 'ResolveConfigFailed',
      cause: 'ResolveConfig failed: InvalidInputError: Unrecognized key: "worker"',
    });
  });

  it.each([
    [
      'a child that timed out',
      childError({ Status: 'TIMED_OUT' }),
      /execution:stepkube-run-command:child .* TIMED_OUT/,
    ],
    [
      'a cause in plain text',
      serviceError('StepFunctions.AccessDeniedException', 'no access'),
      /AccessDeniedException: no access/,
    ],
    [
      'a cause that was cut',
      serviceError('States.TaskFailed', '{"ExecutionArn": "arn'),
      /States.TaskFailed: {"ExecutionArn": "arn/,
    ],
    ['a timeout', serviceError('States.Timeout', ''), /States.Timeout/],
  ])('explains %s', async (_what, error, cause) => {
    const run = await provision({ InstallNetwork: failing([error]) });
    expect(run.error).toBe('InstallNetworkFailed');
    expect(run.cause).toMatch(/^InstallNetwork failed: /);
    expect(run.cause).toMatch(cause);
  });

  it.each([
    ['EnsureControlPlane', 'ControlPlaneStoppingError', 10],
    ['WaitForAgent', 'AgentOfflineError', 59],
    ['WaitForAgent', 'AgentTooOldError', 59],
    ['WaitForNodes', 'NodesNotReadyError', 11],
    ['WaitForNodes', 'ClusterUnreachableError', 59],
    ['ApplyWorkloads', 'ClusterUnreachableError', 11],
    ['ApplyWorkloads', 'Lambda.TooManyRequestsException', 3],
    ['InitControlPlane', 'StepFunctions.ExecutionLimitExceededException', 5],
  ])('%s: waits through %s', async (step, error, count) => {
    const answers: Record<string, object> = { EnsureControlPlane: { instanceId }, ApplyWorkloads: applied };
    const run = await provision({
      [step]: failing(
        times(count, () => lambdaError(error, 'not yet')),
        answers[step],
      ),
    });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: applied });
  });

  it('gives up an agent that never comes online', async () => {
    const run = await provision({
      WaitForAgent: failing(times(100, () => lambdaError('AgentOfflineError', 'offline'))),
    });
    expect(run).toMatchObject({
      error: 'WaitForAgentFailed',
      cause: 'WaitForAgent failed: AgentOfflineError: offline',
    });
  });

  it('does not run a failed document again', async () => {
    const failure = childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'exit code 1' });
    const run = await provision({ InstallRuntime: failing([failure]) });
    expect(run.status).toBe('FAILED');
  });
});
