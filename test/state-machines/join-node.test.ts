import { describe, expect, it } from 'vitest';
import { runsOf } from '#support/machine-runs.ts';
import { childError, failing, lambdaError, repeated, type TaskHandler } from '#support/run-asl.ts';

const input = {
  instanceId: 'i-0123456789abcdef0',
  autoScalingGroupName: 'stepkube-workers',
  lifecycleHookName: 'stepkube-launch',
};

const runMachine = runsOf('join-node');

/** Records how the lifecycle hook was completed. */
async function join(handlers: Readonly<Record<string, TaskHandler>> = {}) {
  const hook: unknown[] = [];
  const complete: TaskHandler = (action) => {
    hook.push(action);
    return { hook: 'released' };
  };
  const run = await runMachine(input, {
    CompleteLaunch: complete,
    AbandonLaunch: complete,
    ...handlers,
  });
  return { run, hook };
}

describe('join-node', () => {
  it('join-node prepares and joins the node, waits until it is Ready, then continues the launch', async () => {
    const wanted: unknown[] = [];
    const { run, hook } = await join({
      WaitForNode: (nodes) => {
        wanted.push(nodes);
        return { ready: ['ip-10-0-1-10'] };
      },
    });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.path).toEqual([
      'ReserveNode',
      'WaitForAgent',
      'InstallRuntime',
      'WaitForJoinCredentials',
      'JoinNode',
      'WaitForNode',
      'CompleteLaunch',
      'ReleaseNode',
      'Joined',
    ]);
    expect(wanted).toEqual([{ instanceId: input.instanceId }]);
    expect(hook).toEqual([{ ...input, result: 'CONTINUE' }]);
  });

  it('join-node that was started by an event that came twice leaves the node to the first one', async () => {
    const held = failing([lambdaError('LeaseHeldError', 'another execution joins it')]);
    const { run, hook } = await join({ ReserveNode: held });
    expect(run).toMatchObject({ status: 'SUCCEEDED', path: ['ReserveNode', 'JoinedByAnother'] });
    expect(hook).toEqual([]);
  });

  it('join-node waits half an hour for the control plane to issue join credentials', async () => {
    const missing = repeated(179, () => lambdaError('JoinCredentialsMissingError', 'no value yet'));
    const { run, hook } = await join({ WaitForJoinCredentials: failing(missing, { expiresAt: 'later' }) });
    expect(run.status).toBe('SUCCEEDED');
    expect(hook).toMatchObject([{ result: 'CONTINUE' }]);
  });

  it('join-node asks for new credentials when the stored ones are over, and joins with them', async () => {
    const rotations: unknown[] = [];
    const { run, hook } = await join({
      WaitForJoinCredentials: failing([lambdaError('JoinCredentialsExpiredError', 'expired yesterday')]),
      RotateJoinToken: ({ Input }) => {
        rotations.push(Input);
        return {};
      },
    });
    expect(run.path.slice(3, 7)).toEqual([
      'WaitForJoinCredentials',
      'RotateJoinToken',
      'CheckJoinCredentials',
      'JoinNode',
    ]);
    expect(rotations).toEqual([{ kind: 'joinToken' }]);
    expect(hook).toMatchObject([{ result: 'CONTINUE' }]);
  });

  it('join-node abandons the launch when credentials are over even after the rotation', async () => {
    const expired = () => failing([lambdaError('JoinCredentialsExpiredError', 'expired yesterday')]);
    const { run, hook } = await join({ WaitForJoinCredentials: expired(), CheckJoinCredentials: expired() });
    expect(run.cause).toMatch(/^CheckJoinCredentials failed: .*expired yesterday/);
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it.each(['InstallRuntime', 'JoinNode'])(
    'join-node abandons the launch after diagnostics if %s fails',
    async (step) => {
      const cause = `stepkube-x on ${input.instanceId} failed with exit code 1: the tail`;
      const diagnosed: unknown[] = [];
      const { run, hook } = await join({
        [step]: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: cause })]),
        CollectDiagnostics: ({ Input }) => {
          diagnosed.push(Input.instanceId);
          return {};
        },
      });
      expect(run).toMatchObject({
        status: 'FAILED',
        error: `${step}Failed`,
        cause: `${step} failed: ${cause} — next: read the full output and remove the cause, then wait for the instance that the Auto Scaling group launches instead`,
      });
      expect(diagnosed).toEqual([input.instanceId]);
      const failure = { error: run.error, cause: run.cause, state: step, instanceId: input.instanceId };
      expect(hook).toEqual([{ ...input, result: 'ABANDON', failure }]);
    },
  );

  it('join-node abandons the launch without diagnostics if the agent never comes online', async () => {
    const { run, hook } = await join({
      WaitForAgent: failing(repeated(100, () => lambdaError('AgentOfflineError', 'offline'))),
    });
    expect(run.error).toBe('WaitForAgentFailed');
    expect(run.cause).toMatch(/^WaitForAgent failed: AgentOfflineError: offline — next: /);
    expect(run.path).not.toContain('CollectDiagnostics');
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it('join-node abandons the launch also if the diagnostics fail', async () => {
    const { run, hook } = await join({
      WaitForNode: failing(repeated(13, () => lambdaError('NodesNotReadyError', 'kubelet is not ready'))),
      CollectDiagnostics: failing([childError({ Status: 'FAILED' })]),
    });
    expect(run).toMatchObject({ error: 'WaitForNodeFailed' });
    expect(run.path).toContain('CollectDiagnostics');
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it('join-node abandons the launch also if describe-failure fails', async () => {
    const { run, hook } = await join({
      JoinNode: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the first' })]),
      DescribeFailure: failing([lambdaError('AccessDeniedException', 'the second')]),
    });
    expect(run).toMatchObject({ error: 'States.TaskFailed', cause: expect.stringContaining('the first') });
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it.each([
    { failing: 'WaitForAgent', drains: [] },
    { failing: 'InstallRuntime', drains: [] },
    { failing: 'JoinNode', drains: [{ instanceId: input.instanceId, deadlineSeconds: 60 }] },
    { failing: 'CompleteLaunch', drains: [{ instanceId: input.instanceId, deadlineSeconds: 60 }] },
  ])('a node that may have joined when $failing fails is drained before its launch is abandoned', async (given) => {
    const drains: object[] = [];
    const { run, hook } = await join({
      [given.failing]: failing([lambdaError('AccessDeniedException', 'no')]),
      DrainHalfJoined: ({ Input }) => {
        drains.push(Input);
        throw childError({ Status: 'FAILED' });
      },
    });
    expect(run.error).toBe(`${given.failing}Failed`);
    expect(drains).toEqual(given.drains);
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it('join-node keeps the cause if the launch cannot be abandoned', async () => {
    const { run } = await join({
      JoinNode: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the first' })]),
      AbandonLaunch: failing([lambdaError('AccessDeniedException', 'the second')]),
    });
    expect(run.error).toBe('JoinNodeFailed');
    expect(run.cause).toMatch(/^JoinNode failed: the first — next: /);
  });
});
