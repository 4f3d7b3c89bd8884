import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { describe, expect, it } from 'vitest';
import { displayExecution, ExecutionFailedError } from '#cli/execution-display.ts';

const outline = [
  { name: 'InitControlPlane', branches: [] },
  { name: 'ApplyWorkloads', branches: [] },
];

describe('displayExecution', () => {
  it('returns the output of an execution that succeeds', async () => {
    const output = await displayExecution(
      outline,
      replay([
        [{ id: 2, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'InitControlPlane' } }],
        [{ id: 3, type: 'TaskStateExited', stateExitedEventDetails: { name: 'InitControlPlane' } }],
        [
          {
            id: 4,
            type: 'ExecutionSucceeded',
            executionSucceededEventDetails: { output: '{"bot":"https://bot.example.com"}' },
          },
        ],
      ]),
    );
    expect(output).toEqual({ bot: 'https://bot.example.com' });
  });

  it('names the failed state and the cause of one that fails', async () => {
    const failing = displayExecution(
      outline,
      replay([
        [{ id: 2, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'InitControlPlane' } }],
        [
          {
            id: 3,
            previousEventId: 2,
            type: 'TaskFailed',
            taskFailedEventDetails: { resourceType: 'states', resource: 'x', error: 'States.TaskFailed' },
          },
        ],
        [
          {
            id: 4,
            type: 'ExecutionFailed',
            executionFailedEventDetails: { error: 'CommandFailed', cause: 'kubeadm exited 1' },
          },
        ],
      ]),
    );
    await expect(failing).rejects.toThrow(
      new ExecutionFailedError('InitControlPlane', { error: 'CommandFailed', cause: 'kubeadm exited 1' }),
    );
  });

  it('ends when following fails', async () => {
    const failing = displayExecution(outline, () => Promise.reject(new Error('no credentials')));
    await expect(failing).rejects.toThrow('no credentials');
  });
});

function replay(batches: Partial<HistoryEvent>[][]) {
  return async (onProgress: (progress: ExecutionProgress) => void) => {
    const progress = new ExecutionProgress();
    for (const batch of batches) {
      progress.add(batch.map((event) => ({ timestamp: new Date(), ...event }) as HistoryEvent));
      onProgress(progress);
    }
    return progress;
  };
}
