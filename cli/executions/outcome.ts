import type { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { type FailedExecution, failedExecution } from '@stepkube/tools/executions/trace-failure.ts';
import { FailedError } from '../errors.ts';

/** An execution ended other than SUCCEEDED; the message names the state, the cause and the nested executions it came through. */
export class ExecutionFailedError extends FailedError {
  override readonly name = 'ExecutionFailedError';
}

/** What `--output json` prints of an execution. Times are ISO 8601. */
export interface ExecutionOutcome {
  readonly executionArn: string;
  readonly status: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  /** The execution's own output, parsed; null unless it succeeded. */
  readonly output: unknown;
  /** From the execution itself down to the nested one that failed first; empty when it succeeded. */
  readonly failures: readonly { executionArn: string; state: string | null; error: string; cause: string }[];
  readonly states: readonly StateOutcome[];
}

interface StateOutcome {
  readonly name: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly failedAttempts: number;
}

/** @param failures of an unsuccessful execution, when they were traced into nested executions */
export function outcomeOf(
  executionArn: string,
  progress: ExecutionProgress,
  failures: readonly FailedExecution[] = [],
): ExecutionOutcome {
  const { end, startedAt, states } = progress;
  const failed = end !== undefined && end.status !== 'SUCCEEDED';
  const known = failed && failures.length === 0 ? [failedExecution(executionArn, progress)] : failures;
  return {
    executionArn,
    status: end?.status ?? 'RUNNING',
    ...timesOf(startedAt, end?.endedAt),
    output: JSON.parse(end?.output ?? 'null'),
    failures: known.map(({ executionArn, state, failure }) => ({ executionArn, state: state ?? null, ...failure })),
    states: [...states].map(([name, { status, attempts, startedAt, endedAt }]) => ({
      name,
      status,
      startedAt: startedAt.toISOString(),
      ...timesOf(startedAt, endedAt),
      failedAttempts: attempts,
    })),
  };
}

/** @throws ExecutionFailedError unless the execution succeeded */
export function assertSucceeded({ status, failures }: ExecutionOutcome): void {
  if (status === 'SUCCEEDED') return;
  const [own, ...nested] = failures;
  const lines = nested.map((failure) => `  in ${failure.executionArn}\n     ${sentence(failure)}`);
  throw new ExecutionFailedError(
    [own === undefined ? `the execution ended ${status}` : sentence(own), ...lines].join('\n'),
    'Fix the cause and start it again: finished steps are kept.',
  );
}

/** A cause that describe-failure has written is a whole sentence and begins with the state. */
function sentence({ state, error, cause }: ExecutionOutcome['failures'][number]): string {
  if (state !== null && cause.startsWith(`${state} failed: `)) return cause;
  return `${state ?? 'the execution'} failed: ${error}${cause === '' ? '' : `: ${cause}`}`;
}

function timesOf(startedAt: Date | undefined, endedAt: Date | undefined) {
  return {
    ...(startedAt && { startedAt: startedAt.toISOString() }),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
    ...(startedAt && endedAt && { seconds: (endedAt.getTime() - startedAt.getTime()) / 1000 }),
  };
}
