import type { CloudCore } from '../service.ts';
import type { PlacedState, TaskState } from './definition.ts';
import type { InterpreterEvent, TaskHandler } from './interpreter.ts';
import type { Machine } from './machines.ts';
import { TaskAbortedError } from './task-error.ts';
import { runTask } from './tasks.ts';
import type { TokenStore } from './tokens.ts';

export interface AttemptsOptions {
  readonly core: CloudCore;
  readonly machine: Machine;
  readonly tokens: TokenStore;
  readonly executionEnd: (executionArn: string) => Promise<void>;
  readonly record: (stateName: string, type: string, details: object | undefined) => void;
}

/**
 * The Task attempts of one execution: gives each its task token and timeout, and ends those whose branch or execution
 * is over, which the interpreter would leave running.
 */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #open = new Map<AbortController, PlacedState>();
  /** Parallel states that have failed: their branches must not start anything any more. */
  readonly #failed = new Set<string>();
  #stopped = false;
  #pendingToken: string | undefined;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** `$$.Task`. Reading the token and starting the attempt it is for happen in one turn of the interpreter. */
  get taskContext(): { readonly Token: string } {
    const mint = () => {
      this.#pendingToken ??= this.#options.tokens.mint();
      return this.#pendingToken;
    };
    return {
      get Token() {
        return mint();
      },
    };
  }

  handlers(): Record<string, TaskHandler> {
    const tasks = [...this.#options.machine.states.values()].filter(({ state }) => state.Type === 'Task');
    return Object.fromEntries(tasks.map((placed) => [placed.name, (input: unknown) => this.#start(placed, input)]));
  }

  transition(event: InterpreterEvent): void {
    if (!('state' in event) || event.state.type !== 'Parallel') return;
    const { name } = event.state;
    if (event.type === 'StateEntered' || event.type === 'StateRetried') this.#failed.delete(name);
    if (event.type !== 'StateFailed') return;
    this.#failed.add(name);
    this.#abort(({ ancestors }) => ancestors.includes(name));
  }

  stop(): void {
    this.#stopped = true;
    this.#abort(() => true);
  }

  #abort(concerned: (placed: PlacedState) => boolean): void {
    for (const [controller, placed] of this.#open) {
      if (!concerned(placed)) continue;
      this.#options.record(placed.name, 'TaskStateAborted', undefined);
      controller.abort(new TaskAbortedError(`${placed.name} was aborted`));
    }
  }

  async #start(placed: PlacedState, input: unknown): Promise<unknown> {
    const token = this.#pendingToken ?? this.#options.tokens.mint();
    this.#pendingToken = undefined;
    const controller = new AbortController();
    const state = placed.state as TaskState;
    // Set before the interpreter sets its own, so that the attempt is closed when States.Timeout is raised.
    const timer =
      state.TimeoutSeconds && setTimeout(() => this.#timedOut(placed, controller), state.TimeoutSeconds * 1000);
    try {
      // Lets the interpreter report what led here, so that the history is in order and a failed sibling is known of.
      await new Promise(setImmediate);
      if (this.#stopped || placed.ancestors.some((name) => this.#failed.has(name))) {
        throw new TaskAbortedError(`${placed.name} was aborted`);
      }
      this.#open.set(controller, placed);
      return await Promise.race([
        this.#run(placed, state, input, token, controller.signal),
        aborted(controller.signal),
      ]);
    } finally {
      clearTimeout(timer);
      this.#open.delete(controller);
    }
  }

  #run(placed: PlacedState, state: TaskState, input: unknown, token: string, signal: AbortSignal): Promise<unknown> {
    const { core, machine, tokens, executionEnd, record } = this.#options;
    return runTask({
      core,
      roleArn: machine.roleArn,
      resource: state.Resource,
      input,
      timeoutSeconds: state.TimeoutSeconds,
      heartbeatSeconds: state.HeartbeatSeconds,
      signal,
      openCallback: () => tokens.open(token, machine.arn, state.HeartbeatSeconds),
      executionEnd,
      record: (type, details) => {
        if (!signal.aborted) record(placed.name, type, details);
      },
    });
  }

  #timedOut(placed: PlacedState, controller: AbortController): void {
    const { Resource } = placed.state as TaskState;
    const type = Resource.split(':')[2] === 'lambda' ? 'LambdaFunctionTimedOut' : 'TaskTimedOut';
    this.#options.record(placed.name, type, { error: 'States.Timeout' });
    this.#open.delete(controller);
    // No reason of ours: the interpreter's own timer follows at once and raises States.Timeout.
    controller.abort(undefined);
  }
}

/** Rejects by the reason of an abort; a timeout leaves it pending for the interpreter. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      if (signal.reason instanceof TaskAbortedError) reject(signal.reason);
    });
  });
}
