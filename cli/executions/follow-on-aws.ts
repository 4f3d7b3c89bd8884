import { DescribeStateMachineForExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { followExecution } from '@stepkube/tools/executions/follow.ts';
import { outlineOf } from '@stepkube/tools/executions/outline.ts';
import { traceFailure } from '@stepkube/tools/executions/trace-failure.ts';
import { InterruptedError } from '../errors.ts';
import { type DisplayOptions, displayExecution } from './display.ts';
import { type ExecutionOutcome, outcomeOf } from './outcome.ts';

const pollMilliseconds = 2_000;

/** Shows an execution until it ends, and finds out what failed. The signal stops following, not the execution. */
export async function followOnAws(
  client: SFNClient,
  executionArn: string,
  signal: AbortSignal,
  display: DisplayOptions,
): Promise<ExecutionOutcome> {
  try {
    const { definition } = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }), {
      abortSignal: signal,
    });
    const progress = await displayExecution(
      outlineOf(JSON.parse(definition!)),
      (onProgress) => followExecution(client, executionArn, onProgress, { pollMilliseconds, signal }),
      display,
    );
    const succeeded = progress.end?.status === 'SUCCEEDED';
    return outcomeOf(
      executionArn,
      progress,
      succeeded ? [] : await traceFailure(client, executionArn, progress, signal),
    );
  } catch (error) {
    if (signal.reason instanceof InterruptedError) {
      console.error(`\nThe execution goes on; follow it again with: ./stepkube follow ${executionArn}`);
    }
    throw error;
  }
}
