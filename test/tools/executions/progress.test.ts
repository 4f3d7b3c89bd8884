import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { describe, expect, it } from 'vitest';

const started = event(1, 0, 'ExecutionStarted');

describe('ExecutionProgress', () => {
  it('follows a state from entry to exit', () => {
    const progress = fold(started, entered(2, 1, 'InitControlPlane'), event(3, 2, 'TaskScheduled'));
    expect(progress.states.get('InitControlPlane')).toEqual({ status: 'running', attempts: 0 });

    progress.add([event(4, 3, 'TaskSucceeded'), exited(5, 4, 'InitControlPlane')]);
    expect(progress.states.get('InitControlPlane')?.status).toBe('succeeded');
  });

  it('keeps failures of interleaved branches apart', () => {
    const progress = fold(
      started,
      entered(2, 1, 'WaitForAgent'),
      entered(3, 1, 'SetWorkerCapacity'),
      event(4, 2, 'LambdaFunctionScheduled'),
      event(5, 3, 'LambdaFunctionScheduled'),
      failed(6, 4, 'AgentOfflineError', 'not online'),
      event(7, 5, 'LambdaFunctionSucceeded'),
    );
    expect(progress.states.get('WaitForAgent')).toEqual({
      status: 'running',
      attempts: 1,
      failure: { error: 'AgentOfflineError', cause: 'not online' },
    });
    expect(progress.states.get('SetWorkerCapacity')).toEqual({ status: 'running', attempts: 0 });
  });

  it('forgets a failure once a retry succeeds', () => {
    const progress = fold(
      started,
      entered(2, 1, 'WaitForAgent'),
      failed(3, 2, 'AgentOfflineError', 'not online'),
      event(4, 3, 'LambdaFunctionSucceeded'),
      exited(5, 4, 'WaitForAgent'),
    );
    expect(progress.states.get('WaitForAgent')).toEqual({ status: 'succeeded', attempts: 1 });
    expect(progress.failedState).toBeUndefined();
  });

  it('names the state whose failure was caught, not the Fail state after it', () => {
    const progress = fold(
      started,
      entered(2, 1, 'InitControlPlane'),
      failed(3, 2, 'States.TaskFailed', 'exit code 1'),
      exited(4, 3, 'InitControlPlane'),
      entered(5, 4, 'ControlPlaneFailed'),
      {
        ...event(6, 5, 'ExecutionFailed'),
        executionFailedEventDetails: { error: 'ControlPlaneFailed', cause: 'exit code 1' },
      },
    );
    expect(progress.failedState).toBe('InitControlPlane');
    expect(progress.end).toEqual({ status: 'FAILED', failure: { error: 'ControlPlaneFailed', cause: 'exit code 1' } });
  });

  it('ignores events it has seen and takes newest-first pages', () => {
    const progress = fold(started, entered(2, 1, 'ApplyWorkloads'));
    progress.add([
      { ...event(5, 4, 'ExecutionSucceeded'), executionSucceededEventDetails: { output: '{"bot":1}' } },
      exited(4, 3, 'ApplyWorkloads'),
      event(3, 2, 'LambdaFunctionSucceeded'),
      entered(2, 1, 'ApplyWorkloads'),
    ]);
    expect(progress.states.get('ApplyWorkloads')?.status).toBe('succeeded');
    expect(progress.end).toEqual({ status: 'SUCCEEDED', output: '{"bot":1}' });
    expect(progress.newestEventId).toBe(5);
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
