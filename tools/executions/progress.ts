import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type Failure, failureOf, startedBy } from './history-events.ts';

/** How far one state of an execution has come. */
export interface StateProgress {
  /** aborted: still running when the execution ended, without a failure of its own. */
  readonly status: 'running' | 'succeeded' | 'failed' | 'aborted';
  /** Failed attempts since the state was entered. */
  readonly attempts: number;
  /** The newest failure that no later success of the state has cleared. */
  readonly failure?: Failure;
  /** First entry; a state of a loop is entered several times. */
  readonly startedAt: Date;
  /** Last exit. */
  readonly endedAt?: Date;
  /** The execution that the state's newest attempt started and waits for. */
  readonly childExecutionArn?: string;
}

export interface ExecutionEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** JSON text. */
  readonly output?: string;
  readonly failure?: Failure;
  readonly endedAt: Date;
}

/**
 * Folds the documented history events of one execution into the progress of its states.
 * Events belong to a state through their chain of `previousEventId`, because branches interleave.
 */
export class ExecutionProgress {
  /** By state name, in the order of their first entry. */
  readonly states = new Map<string, StateProgress>();
  startedAt: Date | undefined;
  end: ExecutionEnd | undefined;
  /** The Fail state that the execution ended in. */
  #failState: string | undefined;
  readonly #stateOfEvent = new Map<number, string>();
  /** Events by which a Parallel or Map state failed. */
  readonly #containerFailures = new Set<number>();
  /** States in the order of their uncleared failures. */
  readonly #failedInOrder = new Set<string>();
  #newestEventId = 0;

  /** Takes events in any order and ignores those it has seen. */
  add(events: readonly HistoryEvent[]): void {
    const unseen = events.filter((event) => event.id! > this.#newestEventId).sort((a, b) => a.id! - b.id!);
    for (const event of unseen) {
      this.#fold(event);
      this.#newestEventId = event.id!;
    }
  }

  get newestEventId(): number {
    return this.#newestEventId;
  }

  /**
   * The state in which a failed execution went wrong first. An execution that was stopped or timed out has no failed
   * state: then it is the state that was entered last and did not succeed.
   */
  get failedState(): string | undefined {
    const [firstFailed] = this.#failedInOrder;
    if (firstFailed !== undefined) return firstFailed;
    const unfinished = [...this.states].filter(([, { status }]) => status !== 'succeeded');
    return unfinished.at(-1)?.[0];
  }

  #fold(event: HistoryEvent): void {
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    const name = entered ?? exited ?? this.#stateOfEvent.get(event.previousEventId ?? 0);
    if (name !== undefined) this.#stateOfEvent.set(event.id!, name);

    if (entered !== undefined) this.#enter(entered, event);
    else if (exited !== undefined) this.#exit(exited, event);
    else if (event.type?.startsWith('Execution')) this.#finish(event);
    else if (event.type === 'ParallelStateFailed' || event.type === 'MapStateFailed') {
      this.#containerFailures.add(event.id!);
    } else if (name !== undefined) this.#advance(name, event);
  }

  #enter(name: string, event: HistoryEvent): void {
    this.#failedInOrder.delete(name);
    if (event.type === 'FailStateEntered') this.#failState = name;
    const startedAt = this.states.get(name)?.startedAt ?? event.timestamp!;
    this.states.set(name, { status: 'running', attempts: 0, startedAt });
  }

  #advance(name: string, event: HistoryEvent): void {
    const state = this.states.get(name);
    if (state === undefined) return;
    const failure = failureOf(event);
    const { childExecutionArn } = startedBy(event);
    if (failure !== undefined) {
      this.#failedInOrder.add(name);
      this.states.set(name, { ...state, attempts: state.attempts + 1, failure });
    } else if (childExecutionArn !== undefined) {
      this.states.set(name, { ...state, childExecutionArn });
    } else if (event.type?.endsWith('Succeeded')) {
      this.#failedInOrder.delete(name);
      const { failure: _cleared, ...rest } = state;
      this.states.set(name, rest);
    }
  }

  /** A state that leaves with a failure left through a Catch. */
  #exit(name: string, event: HistoryEvent): void {
    const state = this.states.get(name);
    if (state === undefined) return;
    const failed = state.failure !== undefined || this.#containerFailures.has(event.previousEventId ?? 0);
    this.states.set(name, { ...state, status: failed ? 'failed' : 'succeeded', endedAt: event.timestamp! });
  }

  #finish(event: HistoryEvent): void {
    if (event.type === 'ExecutionStarted') {
      this.startedAt = event.timestamp;
      return;
    }
    const status = executionStatuses[event.type as keyof typeof executionStatuses];
    if (status === undefined) return;
    const failure = failureOf(event);
    const output = event.executionSucceededEventDetails?.output;
    const endedAt = event.timestamp!;
    this.end = { status, ...(output === undefined ? {} : { output }), ...(failure && { failure }), endedAt };
    const running = [...this.states].filter(([, state]) => state.status === 'running');
    // A state that cannot even be evaluated (States.Runtime) has no failure event of its own.
    const unevaluated = status === 'FAILED' && this.#failedInOrder.size === 0 ? running.at(-1)?.[0] : undefined;
    for (const [name, state] of running) {
      const failed = state.failure !== undefined || name === this.#failState || name === unevaluated;
      this.states.set(name, { ...state, status: failed ? 'failed' : 'aborted', endedAt });
    }
  }
}

const executionStatuses = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
} as const;
