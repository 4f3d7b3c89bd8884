import type { SFNClient } from '@aws-sdk/client-sfn';
import { executionArnIn, unpackFailure } from './cause.ts';
import { readProgress } from './follow.ts';
import type { Failure } from './history-events.ts';
import type { ExecutionProgress } from './progress.ts';

/** Where one execution of a chain of nested executions went wrong. */
export interface FailedExecution {
  readonly executionArn: string;
  /** undefined when it failed before its first state. */
  readonly state: string | undefined;
  readonly failure: Failure;
}

/** Machines start machines, never themselves: a longer chain would be an error in the histories. */
const maxDepth = 8;

/**
 * Follows a failure from an execution that ended unsuccessfully down into the nested execution that caused it.
 * @returns the execution itself first, the innermost one last.
 */
export async function traceFailure(
  client: SFNClient,
  executionArn: string,
  progress: ExecutionProgress,
  signal?: AbortSignal,
): Promise<readonly FailedExecution[]> {
  const chain: FailedExecution[] = [];
  let next: { arn: string; progress: ExecutionProgress } | undefined = { arn: executionArn, progress };
  while (next !== undefined && chain.length < maxDepth) {
    chain.push(failedExecution(next.arn, next.progress));
    const child = childOf(next.progress);
    next = child === undefined ? undefined : { arn: child, progress: await readProgress(client, child, signal) };
  }
  return chain;
}

/** What an execution that ended unsuccessfully says of itself, with its own state and no nested one. */
export function failedExecution(executionArn: string, progress: ExecutionProgress): FailedExecution {
  const state = progress.failedState;
  const stateFailure = state === undefined ? undefined : progress.states.get(state)?.failure;
  const own = progress.end?.failure;
  const status = progress.end?.status ?? 'RUNNING';
  // An execution that was stopped or timed out often says no more than that: its state may know why.
  const failure = own?.cause ? own : (stateFailure ?? own);
  return { executionArn, state, failure: unpackFailure(failure ?? { error: status, cause: '' }) };
}

function childOf(progress: ExecutionProgress): string | undefined {
  const state = progress.states.get(progress.failedState ?? '');
  if (state === undefined || state.status === 'succeeded') return undefined;
  return executionArnIn(state.failure?.cause ?? '') ?? state.childExecutionArn;
}
