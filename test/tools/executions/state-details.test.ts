import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { stateDetailsOf } from '@stepkube/tools/executions/state-details.ts';
import { describe, expect, it } from 'vitest';

/** Numbers the events and chains them; a chain of its own starts where `after` says. */
function history(...events: ({ type: string; after?: number } & Record<string, unknown>)[]): HistoryEvent[] {
  return events.map(({ after, ...event }, index) => ({
    id: index + 1,
    previousEventId: after ?? index,
    timestamp: new Date(Date.UTC(2026, 10, 26, 12, 0, index)),
    ...event,
  })) as HistoryEvent[];
}

const entered = (name: string, input = '{}') => ({
  type: 'TaskStateEntered' as const,
  stateEnteredEventDetails: { name, input },
});
const exited = (name: string, output: string) => ({
  type: 'TaskStateExited' as const,
  stateExitedEventDetails: { name, output },
});
const at = (second: number) => `2026-11-26T12:00:0${second}.000Z`;

describe('stateDetailsOf', () => {
  it('a state has its input, its output and each of its tries', () => {
    const events = history(
      entered('Work', '{"n":1}'),
      { type: 'TaskScheduled' },
      { type: 'TaskFailed', taskFailedEventDetails: { error: 'Busy', cause: 'try again' } },
      { type: 'TaskScheduled' },
      { type: 'TaskSucceeded' },
      exited('Work', '{"n":2}'),
      entered('Rest'),
      { type: 'TaskScheduled' },
    );
    expect(stateDetailsOf(events, 'Work')).toEqual({
      name: 'Work',
      input: '{"n":1}',
      output: '{"n":2}',
      attempts: [
        { startedAt: at(1), endedAt: at(2), error: 'Busy', cause: 'try again' },
        { startedAt: at(3), endedAt: at(4) },
      ],
    });
    expect(stateDetailsOf(events, 'Rest')).toEqual({ name: 'Rest', input: '{}', attempts: [{ startedAt: at(7) }] });
    expect(stateDetailsOf(events, 'Other')).toBeUndefined();
  });

  it('of a state that is entered again only the last time counts', () => {
    const events = history(entered('Work', '1'), exited('Work', '2'), entered('Work', '2'));
    expect(stateDetailsOf(events, 'Work')).toEqual({ name: 'Work', input: '2', attempts: [] });
  });

  it('events of a branch beside the state are not its own', () => {
    const events = history(
      { type: 'ParallelStateEntered', stateEnteredEventDetails: { name: 'Both' } },
      { ...entered('Left'), after: 1 },
      { ...entered('Right'), after: 1 },
      { type: 'TaskScheduled', after: 2 },
      { type: 'TaskScheduled', after: 3 },
      { type: 'TaskFailed', taskFailedEventDetails: { error: 'Wrong' }, after: 5 },
    );
    expect(stateDetailsOf(events, 'Left')?.attempts).toEqual([{ startedAt: at(3) }]);
    expect(stateDetailsOf(events, 'Right')?.attempts).toEqual([
      { startedAt: at(4), endedAt: at(5), error: 'Wrong', cause: '' },
    ]);
  });

  it('what a state has started is known while it runs: an execution, or a command', () => {
    const submitted = (output: object) => ({
      type: 'TaskSubmitted' as const,
      taskSubmittedEventDetails: { resourceType: 'states', resource: 'x', output: JSON.stringify(output) },
    });
    const nested = history(entered('Work'), { type: 'TaskScheduled' }, submitted({ ExecutionArn: 'arn:child' }));
    expect(stateDetailsOf(nested, 'Work')).toMatchObject({ childExecutionArn: 'arn:child' });
    const command = history(entered('Work'), { type: 'TaskScheduled' }, submitted({ Payload: { commandId: 'c-1' } }));
    expect(stateDetailsOf(command, 'Work')).toMatchObject({ commandId: 'c-1' });
  });
});
