import { type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { traceFailure } from '@stepkube/tools/executions/trace-failure.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerAws } from '#support/aws-answers.ts';

const arnOf = (machine: string) => `arn:aws:states:us-east-1:123456789012:execution:stepkube-${machine}:e1`;
const client = new SFNClient({ region: 'us-east-1' });

afterEach(() => vi.restoreAllMocks());

/** One state that starts another execution, waits for it and fails with it; `end` is the last event. */
function history(state: string, child: string | undefined, end: Partial<HistoryEvent>): HistoryEvent[] {
  const submitted = {
    resourceType: 'states',
    resource: 'startExecution.sync:2',
    output: JSON.stringify({ ExecutionArn: child }),
  };
  const events: Partial<HistoryEvent>[] = [
    { type: 'ExecutionStarted' },
    { type: 'TaskStateEntered', stateEnteredEventDetails: { name: state } },
    ...(child === undefined ? [] : [{ type: 'TaskSubmitted', taskSubmittedEventDetails: submitted } as const]),
    end,
  ];
  return events.map(
    (event, index) => ({ id: index + 1, previousEventId: index, timestamp: new Date(0), ...event }) as HistoryEvent,
  );
}

const failed = (error: string, cause: string): Partial<HistoryEvent> => ({
  type: 'ExecutionFailed',
  executionFailedEventDetails: { error, cause },
});

function progressOf(events: HistoryEvent[]): ExecutionProgress {
  const progress = new ExecutionProgress();
  progress.add(events);
  return progress;
}

describe('traceFailure', () => {
  it('traceFailure follows nested executions to the one that failed first', async () => {
    const histories: Record<string, HistoryEvent[]> = {
      [arnOf('join-node')]: history('JoinNode', arnOf('run-command'), failed('JoinNodeFailed', 'see run-command')),
      [arnOf('run-command')]: history('RunDocument', undefined, failed('CommandFailed', 'kubeadm join: exit code 1')),
    };
    answerAws({ GetExecutionHistory: ({ executionArn }) => ({ events: histories[executionArn]!.toReversed() }) });
    const outer = progressOf(history('Workers', arnOf('join-node'), failed('WorkersFailed', 'no node is Ready')));
    expect(await traceFailure(client, arnOf('provision-cluster'), outer)).toEqual([
      {
        executionArn: arnOf('provision-cluster'),
        state: 'Workers',
        failure: { error: 'WorkersFailed', cause: 'no node is Ready' },
      },
      {
        executionArn: arnOf('join-node'),
        state: 'JoinNode',
        failure: { error: 'JoinNodeFailed', cause: 'see run-command' },
      },
      {
        executionArn: arnOf('run-command'),
        state: 'RunDocument',
        failure: { error: 'CommandFailed', cause: 'kubeadm join: exit code 1' },
      },
    ]);
  });

  it('traceFailure of a timed-out execution says which nested state still ran', async () => {
    const running = history('RunDocument', undefined, { type: 'TaskScheduled' });
    answerAws({ GetExecutionHistory: { events: running.toReversed() } });
    const outer = progressOf(history('InstallRuntime', arnOf('run-command'), { type: 'ExecutionTimedOut' }));
    expect(await traceFailure(client, arnOf('provision-cluster'), outer)).toEqual([
      { executionArn: arnOf('provision-cluster'), state: 'InstallRuntime', failure: { error: 'TIMED_OUT', cause: '' } },
      { executionArn: arnOf('run-command'), state: 'RunDocument', failure: { error: 'RUNNING', cause: '' } },
    ]);
  });
});
