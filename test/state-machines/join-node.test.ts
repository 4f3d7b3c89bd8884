import { describe, expect, it } from 'vitest';
import { childError, failing, lambdaError, runAsl, type TaskHandler } from '#support/run-asl.ts';

const input = {
  instanceId: 'i-0123456789abcdef0',
  autoScalingGroupName: 'stepkube-workers',
  lifecycleHookName: 'stepkube-launch',
};
const parameters = { installRuntime: { ClusterName: 'stepkube' }, joinNode: { ClusterName: 'stepkube' } };
const steps = ['WaitForAgent', 'InstallRuntime', 'WaitForJoinCredentials', 'JoinNode', 'WaitForNode', 'CompleteLaunch'];

/** Records what the hook was told. */
async function join(handlers: Readonly<Record<string, TaskHandler>> = {}) {
  const hook: unknown[] = [];
  const tell: TaskHandler = (action) => {
    hook.push(action);
    return { hook: 'released' };
  };
  const run = await runAsl('join-node', input, {
    ResolveConfig: () => ({ clusterName: 'stepkube', workers: 2, parameters }),
    CompleteLaunch: tell,
    AbandonLaunch: tell,
    ...handlers,
  });
  return { run, hook };
}
const times = (count: number, error: () => Error) => Array.from({ length: count }, error);

describe('join-node', () => {
  it('prepares and joins the node, waits until it is Ready, then continues the launch', async () => {
    const looked: unknown[] = [];
    const { run, hook } = await join({
      WaitForNode: (wanted) => {
        looked.push(wanted);
        return { ready: ['ip-10-0-1-10'] };
      },
    });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.path.filter((state) => steps.includes(state))).toEqual(steps);
    expect(looked).toEqual([{ instanceId: input.instanceId }]);
    expect(hook).toEqual([{ ...input, result: 'CONTINUE' }]);
  });

  it('waits half an hour for the control plane to issue join credentials', async () => {
    const missing = times(179, () => lambdaError('JoinCredentialsMissingError', 'no value yet'));
    const { run, hook } = await join({ WaitForJoinCredentials: failing(missing, { expiresAt: 'later' }) });
    expect(run.status).toBe('SUCCEEDED');
    expect(hook).toMatchObject([{ result: 'CONTINUE' }]);
  });

  it.each(['InstallRuntime', 'JoinNode'])('abandons the launch after diagnostics when %s fails', async (step) => {
    const cause = `stepkube-x on ${input.instanceId} failed with exit code 1: the tail`;
    const diagnosed: unknown[] = [];
    const { run, hook } = await join({
      [step]: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: cause })]),
      CollectDiagnostics: ({ Input }) => {
        diagnosed.push(Input.instanceId);
        return {};
      },
    });
    expect(run).toMatchObject({ status: 'FAILED', error: `${step}Failed`, cause: `${step} failed: ${cause}` });
    expect(diagnosed).toEqual([input.instanceId]);
    expect(hook).toEqual([{ ...input, result: 'ABANDON' }]);
  });

  it('abandons the launch without diagnostics when the agent never comes online', async () => {
    const { run, hook } = await join({
      WaitForAgent: failing(times(100, () => lambdaError('AgentOfflineError', 'offline'))),
    });
    expect(run).toMatchObject({
      error: 'WaitForAgentFailed',
      cause: 'WaitForAgent failed: AgentOfflineError: offline',
    });
    expect(run.path).not.toContain('CollectDiagnostics');
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it('abandons the launch also when the diagnostics fail', async () => {
    const { run, hook } = await join({
      WaitForNode: failing(times(13, () => lambdaError('NodesNotReadyError', 'kubelet is not ready'))),
      CollectDiagnostics: failing([childError({ Status: 'FAILED' })]),
    });
    expect(run).toMatchObject({ error: 'WaitForNodeFailed' });
    expect(hook).toMatchObject([{ result: 'ABANDON' }]);
  });

  it('keeps the cause when even the abandoning fails', async () => {
    const { run } = await join({
      JoinNode: failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'the first' })]),
      AbandonLaunch: failing([lambdaError('AccessDeniedException', 'the second')]),
    });
    expect(run).toMatchObject({ error: 'JoinNodeFailed', cause: 'JoinNode failed: the first' });
  });
});
