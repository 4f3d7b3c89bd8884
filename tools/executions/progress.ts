import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** How far one state of a running execution has come. */
export interface StateProgress {
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly attempts: number;
  /** The newest failure that no later success of the state has cleared. */
  readonly failure?: Failure;
}

export interface Failure {
  readonly error: string;
  readonly cause: string;
}

export interface ExecutionEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: string;
  readonly failure?: Failure;
}

/**
 * Folds the documented history events of one execution into the progress of its states.
 * Events belong to a state through their chain of `previousEventId`, because branches interleave.
 */
export class ExecutionProgress {
  readonly states = new Map<string, StateProgress>();
  end: ExecutionEnd | undefined;
  private readonly stateOfEvent = new Map<number, string>();
  private lastEventId = 0;

  /** Takes events in any order and ignores those it has seen. */
  add(events: readonly HistoryEvent[]): void {
    const fresh = events.filter((event) => event.id! > this.lastEventId).sort((a, b) => a.id! - b.id!);
    for (const event of fresh) {
      this.fold(event);
      this.lastEventId = event.id!;
    }
  }

  get newestEventId(): number {
    return this.lastEventId;
  }

  /** The state in which a failed execution went wrong first. */
  get failedState(): string | undefined {
    for (const [name, state] of this.states) if (state.status === 'failed') return name;
    return undefined;
  }

  private fold(event: HistoryEvent): void {
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    const name = entered ?? exited ?? this.stateOfEvent.get(event.previousEventId ?? 0);
    if (name !== undefined) this.stateOfEvent.set(event.id!, name);

    if (entered !== undefined) this.states.set(entered, { status: 'running', attempts: 0 });
    else if (exited !== undefined) this.exit(exited);
    else if (event.type?.startsWith('Execution')) this.finish(event);
    else if (name !== undefined) this.advance(name, event);
  }

  private advance(name: string, event: HistoryEvent): void {
    const state = this.states.get(name);
    if (state === undefined) return;
    const failure = failureOf(event);
    if (failure !== undefined) this.states.set(name, { ...state, attempts: state.attempts + 1, failure });
    else if (event.type?.endsWith('Succeeded'))
      this.states.set(name, { status: state.status, attempts: state.attempts });
  }

  /** A state that leaves with a failure on it left through a Catch. */
  private exit(name: string): void {
    const state = this.states.get(name);
    if (state !== undefined) this.states.set(name, { ...state, status: state.failure ? 'failed' : 'succeeded' });
  }

  private finish(event: HistoryEvent): void {
    if (event.type === 'ExecutionStarted') return;
    const failure = failureOf(event);
    const output = event.executionSucceededEventDetails?.output;
    const status = executionStatus[event.type as keyof typeof executionStatus];
    if (status === undefined) return;
    this.end = { status, ...(output === undefined ? {} : { output }), ...(failure ? { failure } : {}) };
    if (status === 'SUCCEEDED') return;
    for (const [name, state] of this.states) {
      if (state.status === 'running') this.states.set(name, { ...state, status: 'failed' });
    }
  }
}

const executionStatus = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
} as const;

function failureOf(event: HistoryEvent): Failure | undefined {
  const details =
    event.taskFailedEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.taskStartFailedEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  return details && { error: details.error ?? event.type ?? 'Unknown', cause: details.cause ?? '' };
}
