import { describe, expect, it } from 'vitest';
import { runsOf } from '#support/machine-runs.ts';
import { executionStart, failing, lambdaError, repeated, type TaskHandler } from '#support/run-asl.ts';

const instanceId = 'i-0123456789abcdef0';
const hook = { autoScalingGroupName: 'stepkube-workers', lifecycleHookName: 'stepkube-terminate' };
const drained = { done: true, outcome: 'drained', node: 'worker', evicted: ['a/b'], forced: [], left: [], seconds: 9 };

const runMachine = runsOf('drain-node');

/** Records how the lifecycle hook was completed. */
async function drain(input: object, handlers: Readonly<Record<string, TaskHandler>> = {}) {
  const completed: unknown[] = [];
  const complete: TaskHandler = (action) => {
    completed.push(action);
    return { hook: 'released' };
  };
  const run = await runMachine(input, {
    Drain: () => drained,
    CompleteTermination: complete,
    TerminateAllTheSame: complete,
    ...handlers,
  });
  return { run, completed };
}

describe('drain-node', () => {
  it('drain-node calls again with what is done so far until the node is drained, then lets the group terminate it', async () => {
    const calls: unknown[] = [];
    const halfway = { ...drained, done: false, outcome: 'draining', left: ['a/c: its grace runs'] };
    const { run, completed } = await drain(
      { instanceId, ...hook },
      {
        Drain: (input) => {
          calls.push(input);
          return calls.length < 3 ? halfway : drained;
        },
      },
    );
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: drained });
    const call = { request: { instanceId, ...hook }, drainId: 'run', startedAt: executionStart };
    expect(calls).toEqual([
      { ...call, progress: null },
      { ...call, progress: halfway },
      { ...call, progress: halfway },
    ]);
    expect(completed).toEqual([{ instanceId, ...hook, result: 'CONTINUE' }]);
  });

  it("a drain by hand ends with what was done, and no group's hook is touched", async () => {
    const { run, completed } = await drain({ instanceId, mode: 'cordon' });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: drained });
    expect(completed).toEqual([]);
  });

  it('a drain by hand with terminate has the group replace the instance once the node is drained', async () => {
    const ended: unknown[] = [];
    const input = { instanceId, terminate: true };
    const { run, completed } = await drain(input, {
      TerminateWorker: (worker) => {
        ended.push(worker);
        return { ended: true };
      },
    });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: drained });
    expect(run.path.slice(-3)).toEqual(['ShallEnd', 'TerminateWorker', 'Drained']);
    expect(ended).toEqual([{ instanceId }]);
    expect(completed).toEqual([]);
  });

  it('drain-node waits some minutes for an API server that does not answer', async () => {
    const unreachable = repeated(60, () => lambdaError('ClusterUnreachableError', 'the Kubernetes API: ECONNREFUSED'));
    const { run } = await drain({ instanceId, ...hook }, { Drain: failing(unreachable, drained) });
    expect(run.status).toBe('SUCCEEDED');
  });

  it('a drain that fails lets the group terminate the instance all the same, and says what to do', async () => {
    const invalid = failing([lambdaError('KubeconfigInvalidError', 'the kubeconfig cannot be loaded')]);
    const { run, completed } = await drain({ instanceId, ...hook }, { Drain: invalid });
    expect(run.status).toBe('FAILED');
    expect(run.cause).toContain('look whether pods of the node still start elsewhere');
    expect(completed).toEqual([{ instanceId, ...hook, result: 'CONTINUE' }]);
  });

  it('a drain by hand that fails leaves the instance as it is', async () => {
    const invalid = failing([lambdaError('KubeconfigInvalidError', 'the kubeconfig cannot be loaded')]);
    const { run, completed } = await drain({ instanceId }, { Drain: invalid });
    expect(run.status).toBe('FAILED');
    expect(completed).toEqual([]);
  });
});
