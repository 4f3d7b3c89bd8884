import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { describe, expect, it } from 'vitest';
import { displayExecution } from '#cli/executions/display.ts';

const outline = [
  { name: 'InitControlPlane', branches: [] },
  { name: 'ApplyWorkloads', branches: [] },
];
const entered: Partial<HistoryEvent> = {
  id: 2,
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name: 'InitControlPlane' },
};

describe('displayExecution', () => {
  it('displayExecution returns the progress of an execution that succeeds', async () => {
    const output = '{"bot":"https://bot.example.com"}';
    const follow = replay([
      [entered],
      [{ id: 3, type: 'TaskStateExited', stateExitedEventDetails: { name: 'InitControlPlane' } }],
      [{ id: 4, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output } }],
    ]);
    expect((await displayExecution(outline, follow)).end).toMatchObject({ status: 'SUCCEEDED', output });
  });

  it.each([false, true])(
    'displayExecution returns the progress of an execution that fails (silent: %s)',
    async (silent) => {
      const follow = replay([
        [entered],
        [
          {
            id: 3,
            type: 'ExecutionFailed',
            executionFailedEventDetails: { error: 'CommandFailed', cause: 'exit code 1' },
          },
        ],
      ]);
      const { end, failedState } = await displayExecution(outline, follow, { silent });
      expect(end).toMatchObject({ status: 'FAILED', failure: { error: 'CommandFailed', cause: 'exit code 1' } });
      expect(failedState).toBe('InitControlPlane');
    },
  );

  it('displayExecution throws what following the execution throws', async () => {
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
