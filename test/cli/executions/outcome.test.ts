import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { describe, expect, it } from 'vitest';
import { durationTable, formatSeconds } from '#cli/executions/durations.ts';
import { assertSucceeded, outcomeOf } from '#cli/executions/outcome.ts';

const arn = 'arn:aws:states:us-east-1:123456789012:execution:stepkube-join-node:e1';
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 26, 10, 0, seconds));

/** JoinNode fails once and works on the second attempt; ReleaseInstance is stopped with the execution. */
function stopped(): ExecutionProgress {
  const progress = new ExecutionProgress();
  progress.add([
    { id: 1, previousEventId: 0, type: 'ExecutionStarted', timestamp: at(0) },
    {
      id: 2,
      previousEventId: 1,
      type: 'TaskStateEntered',
      timestamp: at(1),
      stateEnteredEventDetails: { name: 'JoinNode' },
    },
    {
      id: 3,
      previousEventId: 2,
      type: 'LambdaFunctionFailed',
      timestamp: at(2),
      lambdaFunctionFailedEventDetails: { error: 'E' },
    },
    { id: 4, previousEventId: 3, type: 'LambdaFunctionSucceeded', timestamp: at(66) },
    {
      id: 5,
      previousEventId: 4,
      type: 'TaskStateExited',
      timestamp: at(66),
      stateExitedEventDetails: { name: 'JoinNode' },
    },
    {
      id: 6,
      previousEventId: 5,
      type: 'TaskStateEntered',
      timestamp: at(66),
      stateEnteredEventDetails: { name: 'ReleaseInstance' },
    },
    { id: 7, previousEventId: 6, type: 'ExecutionAborted', timestamp: at(68), executionAbortedEventDetails: {} },
  ]);
  return progress;
}

describe('outcomeOf', () => {
  it('outcomeOf gives status, times and failures of a stopped execution', () => {
    expect(outcomeOf(arn, stopped())).toEqual({
      executionArn: arn,
      status: 'ABORTED',
      startedAt: '2026-11-26T10:00:00.000Z',
      endedAt: '2026-11-26T10:01:08.000Z',
      seconds: 68,
      output: null,
      failures: [{ executionArn: arn, state: 'ReleaseInstance', error: 'ExecutionAborted', cause: '' }],
      states: [
        {
          name: 'JoinNode',
          status: 'succeeded',
          startedAt: '2026-11-26T10:00:01.000Z',
          endedAt: '2026-11-26T10:01:06.000Z',
          seconds: 65,
          failedAttempts: 1,
        },
        {
          name: 'ReleaseInstance',
          status: 'aborted',
          startedAt: '2026-11-26T10:01:06.000Z',
          endedAt: '2026-11-26T10:01:08.000Z',
          seconds: 2,
          failedAttempts: 0,
        },
      ],
    });
  });

  it('assertSucceeded names the state and what to do next', () => {
    expect(() => assertSucceeded(outcomeOf(arn, stopped()))).toThrow('ReleaseInstance failed: ExecutionAborted');
  });
});

describe('assertSucceeded', () => {
  it('assertSucceeded prints the cause as it is when it names the state already', () => {
    const progress = stopped();
    const cause = 'ReleaseInstance failed: the hook is gone; next: nothing';
    const failures = [
      { executionArn: arn, state: 'ReleaseInstance', failure: { error: 'ReleaseInstanceFailed', cause } },
    ];
    expect(() => assertSucceeded(outcomeOf(arn, progress, failures))).toThrow(new RegExp(`^${cause}`));
  });
});

describe('durationTable', () => {
  it('durationTable lines up how long each state took, with failed attempts and unusual ends', () => {
    expect(durationTable(outcomeOf(arn, stopped()))).toBe(
      [
        'Join node         1 min 5 s  1 failed attempt',
        'Release instance      2.0 s  aborted',
        'Together          1 min 8 s',
      ].join('\n'),
    );
  });

  it.each([
    [0, '0.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [3700, '61 min 40 s'],
    [undefined, '-'],
  ])('formatSeconds(%s) is "%s"', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
