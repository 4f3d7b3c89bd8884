import { parseArn } from '../arns.ts';
import type { CloudCore } from '../service.ts';
import { isTask, type PlacedState, type PlacedTask } from './definition.ts';
import type { InterpreterEvent, TaskHandler } from './interpreter.ts';
import type { Machine } from './machine-store.ts';
import { runTask } from './task.ts';
import { TaskAbortedError } from './task-error.ts';
import type { TokenStore } from './token-store.ts';

export interface TaskAttemptsOptions {
  readonly core: CloudCore;
  readonly machine: Machine;
  readonly tokens: TokenStore;
  /** Settles when another execution has ended. */
  readonly executionEnd: (executionArn: string) => Promise<void>;
  /** Adds an event to the history. */
  readonly record: (stateName: string, type: string, details: object | undefined) => void;
}

/**
 * The attempts of the Task states of one execution. Each gets a task token and a timeout. Attempts whose branch or execution
 * has ended are aborted: the interpreter alone would let them run on.
 */
export class TaskAttempts {
  readonly #options: TaskAttemptsOptions;
  readonly #open = new Map<AbortController, PlacedState>();
  /** Names of Parallel states that have failed: their branches must not start further attempts. */
  readonly #failed = new Set<string>();
  #stopped = false;
  #pendingToken: string | undefined;

  constructor(options: TaskAttemptsOptions) {
    this.#options = options;
  }

  /**
   * `$$.Task` of the context object. The interpreter reads the token and starts the attempt in one turn of the event loop, so
   * that a token which has been read belongs to the attempt that starts next.
   */
  get taskContext(): { readonly Token: string } {
    const pendingToken = () => {
      this.#pendingToken ??= this.#options.tokens.create();
      return this.#pendingToken;
    };
    return {
      get Token() {
        return pendingToken();
      },
    };
  }

  handlers(): Record<string, TaskHandler> {
    const tasks = [...this.#options.machine.states.values()].filter(isTask);
    return Object.fromEntries(tasks.map((task) => [task.name, (input: unknown) => this.#start(task, input)]));
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

  #abort(isAffected: (placed: PlacedState) => boolean): void {
    for (const [controller, placed] of this.#open) {
      if (!isAffected(placed)) continue;
      this.#options.record(placed.name, 'TaskStateAborted', undefined);
      controller.abort(new TaskAbortedError(`${placed.name} was aborted`));
    }
  }

  async #start(placed: PlacedTask, input: unknown): Promise<unknown> {
    const token = this.#pendingToken ?? this.#options.tokens.create();
    this.#pendingToken = undefined;
    const controller = new AbortController();
    const { TimeoutSeconds: timeoutSeconds } = placed.state;
    // Set before the interpreter's own timer, so that the attempt has been closed when that one raises States.Timeout.
    const timer = timeoutSeconds && setTimeout(() => this.#timedOut(placed, controller), timeoutSeconds * 1000);
    try {
      // Lets the interpreter report its transitions first: they belong before this attempt in the history, and may end it.
      await new Promise(setImmediate);
      if (this.#stopped || placed.ancestors.some((name) => this.#failed.has(name))) {
        throw new TaskAbortedError(`${placed.name} was aborted`);
      }
      this.#open.set(controller, placed);
      return await Promise.race([this.#run(placed, input, token, controller.signal), aborted(controller.signal)]);
    } finally {
      clearTimeout(timer);
      this.#open.delete(controller);
    }
  }

  #run(placed: PlacedTask, input: unknown, token: string, signal: AbortSignal): Promise<unknown> {
    const { core, machine, tokens, executionEnd, record } = this.#options;
    const { state } = placed;
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

  #timedOut(placed: PlacedTask, controller: AbortController): void {
    const { service, resource } = parseArn(placed.state.Resource);
    const error = 'States.Timeout';
    if (service === 'lambda') this.#options.record(placed.name, 'LambdaFunctionTimedOut', { error });
    else {
      const [resourceType, ...action] = resource.split(':');
      this.#options.record(placed.name, 'TaskTimedOut', { resourceType, resource: action.join(':'), error });
    }
    this.#open.delete(controller);
    // Without a TaskAbortedError as reason: the interpreter's own timer fires next and raises States.Timeout.
    controller.abort();
  }
}

/** Rejects when the attempt is aborted. Stays pending when it times out, which the interpreter reports itself. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      if (signal.reason instanceof TaskAbortedError) reject(signal.reason);
    });
  });
}
