import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { describe, expect, it } from 'vitest';

const started = event(1, 0, 'ExecutionStarted');

describe('ExecutionProgress', () => {
  it('ExecutionProgress follows a state from entry to exit, with times', () => {
    const progress = fold(started, entered(2, 1, 'InitControlPlane'), event(3, 2, 'TaskScheduled'));
    expect(progress.startedAt).toEqual(new Date(1));
    expect(progress.states.get('InitControlPlane')).toEqual({ status: 'running', attempts: 0, startedAt: new Date(2) });

    progress.add([event(4, 3, 'TaskSucceeded'), exited(5, 4, 'InitControlPlane')]);
    expect(progress.states.get('InitControlPlane')).toMatchObject({
      status: 'succeeded',
      startedAt: new Date(2),
      endedAt: new Date(5),
    });
  });

  it('ExecutionProgress keeps failures of interleaved branches apart', () => {
    const progress = fold(
      started,
      entered(2, 1, 'WaitForAgent'),
      entered(3, 1, 'SetWorkerCapacity'),
      event(4, 2, 'LambdaFunctionScheduled'),
      event(5, 3, 'LambdaFunctionScheduled'),
      failed(6, 4, 'AgentOfflineError', 'not online'),
      event(7, 5, 'LambdaFunctionSucceeded'),
    );
    expect(progress.states.get('WaitForAgent')).toMatchObject({
      status: 'running',
      attempts: 1,
      failure: { error: 'AgentOfflineError', cause: 'not online' },
    });
    expect(progress.states.get('SetWorkerCapacity')).toEqual({
      status: 'running',
      attempts: 0,
      startedAt: new Date(3),
    });
  });

  it('ExecutionProgress forgets a failure once a retry succeeds', () => {
    const progress = fold(
      started,
      entered(2, 1, 'WaitForAgent'),
      failed(3, 2, 'AgentOfflineError', 'not online'),
      event(4, 3, 'LambdaFunctionSucceeded'),
      exited(5, 4, 'WaitForAgent'),
    );
    expect(progress.states.get('WaitForAgent')).toEqual({
      status: 'succeeded',
      attempts: 1,
      startedAt: new Date(2),
      endedAt: new Date(5),
    });
    expect(progress.failedState).toBeUndefined();
  });

  it('ExecutionProgress.failedState is the state whose failure was caught, not the Fail state after it', () => {
    const progress = fold(
      started,
      entered(2, 1, 'InitControlPlane'),
      failed(3, 2, 'States.TaskFailed', 'exit code 1'),
      exited(4, 3, 'InitControlPlane'),
      { ...entered(5, 4, 'ControlPlaneFailed'), type: 'FailStateEntered' },
      {
        ...event(6, 5, 'ExecutionFailed'),
        executionFailedEventDetails: { error: 'ControlPlaneFailed', cause: 'exit code 1' },
      },
    );
    expect(progress.failedState).toBe('InitControlPlane');
    expect(progress.states.get('ControlPlaneFailed')?.status).toBe('failed');
    expect(progress.end).toEqual({
      status: 'FAILED',
      failure: { error: 'ControlPlaneFailed', cause: 'exit code 1' },
      endedAt: new Date(6),
    });
  });

  it('ExecutionProgress ignores events it has seen and takes newest-first pages', () => {
    const progress = fold(started, entered(2, 1, 'ApplyWorkloads'));
    progress.add([
      { ...event(5, 4, 'ExecutionSucceeded'), executionSucceededEventDetails: { output: '{"bot":1}' } },
      exited(4, 3, 'ApplyWorkloads'),
      event(3, 2, 'LambdaFunctionSucceeded'),
      entered(2, 1, 'ApplyWorkloads'),
    ]);
    expect(progress.states.get('ApplyWorkloads')?.status).toBe('succeeded');
    expect(progress.end).toEqual({ status: 'SUCCEEDED', output: '{"bot":1}', endedAt: new Date(5) });
    expect(progress.newestEventId).toBe(5);
  });

  it('ExecutionProgress.failedState is the first failure inside a Parallel state that is caught as a whole', () => {
    const progress = fold(
      started,
      { ...entered(2, 1, 'PrepareNodes'), type: 'ParallelStateEntered' },
      event(3, 2, 'ParallelStateStarted'),
      entered(4, 3, 'SetWorkerCapacity'),
      entered(5, 3, 'InstallRuntime'),
      failed(6, 5, 'CommandFailed', 'exit code 1'),
      event(7, 6, 'ParallelStateFailed'),
      { ...exited(8, 7, 'PrepareNodes'), type: 'ParallelStateExited' },
      { ...entered(9, 8, 'Failed'), type: 'FailStateEntered' },
      { ...event(10, 9, 'ExecutionFailed'), executionFailedEventDetails: { error: 'InstallRuntimeFailed' } },
    );
    expect(progress.failedState).toBe('InstallRuntime');
    expect([...progress.states].map(([name, { status }]) => [name, status])).toEqual([
      ['PrepareNodes', 'failed'],
      ['SetWorkerCapacity', 'aborted'],
      ['InstallRuntime', 'failed'],
      ['Failed', 'failed'],
    ]);
  });

  it('ExecutionProgress.failedState of a stopped execution is the state that still ran', () => {
    const progress = fold(started, entered(2, 1, 'WaitForNodes'), event(3, 2, 'ExecutionAborted'));
    expect(progress.failedState).toBe('WaitForNodes');
    expect(progress.states.get('WaitForNodes')).toMatchObject({ status: 'aborted', endedAt: new Date(3) });
  });

  it('ExecutionProgress blames the running state when an execution fails without a failure event', () => {
    const failure = { error: 'States.Runtime', cause: 'a path does not point to a value' };
    const progress = fold(started, entered(2, 1, 'Decide'), {
      ...event(3, 2, 'ExecutionFailed'),
      executionFailedEventDetails: failure,
    });
    expect(progress.states.get('Decide')?.status).toBe('failed');
    expect(progress.failedState).toBe('Decide');
  });

  it('ExecutionProgress keeps the first entry and the last exit of a state that is entered twice', () => {
    const progress = fold(
      started,
      entered(2, 1, 'Look'),
      exited(3, 2, 'Look'),
      entered(4, 3, 'Look'),
      exited(5, 4, 'Look'),
    );
    expect(progress.states.get('Look')).toMatchObject({ startedAt: new Date(2), endedAt: new Date(5) });
  });

  it('ExecutionProgress knows the execution that a state started and waits for', () => {
    const ExecutionArn = 'arn:aws:states:us-east-1:123456789012:execution:stepkube-run-command:e1';
    const submitted = {
      resourceType: 'states',
      resource: 'startExecution.sync:2',
      output: JSON.stringify({ ExecutionArn }),
    };
    const progress = fold(started, entered(2, 1, 'InstallRuntime'), {
      ...event(3, 2, 'TaskSubmitted'),
      taskSubmittedEventDetails: submitted,
    });
    expect(progress.states.get('InstallRuntime')?.childExecutionArn).toBe(ExecutionArn);
  });
});

function fold(...events: HistoryEvent[]): ExecutionProgress {
  const progress = new ExecutionProgress();
  progress.add(events);
  return progress;
}

function event(id: number, previousEventId: number, type: HistoryEvent['type']): HistoryEvent {
  return { id, previousEventId, type, timestamp: new Date(id) };
}

function entered(id: number, previousEventId: number, name: string): HistoryEvent {
  return { ...event(id, previousEventId, 'TaskStateEntered'), stateEnteredEventDetails: { name } };
}

function exited(id: number, previousEventId: number, name: string): HistoryEvent {
  return { ...event(id, previousEventId, 'TaskStateExited'), stateExitedEventDetails: { name } };
}

function failed(id: number, previousEventId: number, error: string, cause: string): HistoryEvent {
  return { ...event(id, previousEventId, 'LambdaFunctionFailed'), lambdaFunctionFailedEventDetails: { error, cause } };
}
