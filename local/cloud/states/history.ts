import type { PlacedState } from './definition.ts';
import type { InterpreterEvent } from './interpreter.ts';

/** One event of GetExecutionHistory. `details` holds the one member that belongs to the type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Epoch seconds, as the JSON protocol has it. */
  readonly timestamp: number;
  readonly type: string;
  readonly details: Readonly<Record<string, object>>;
}

const complete = { truncated: false };

/** The history of one execution: the interpreter's transitions and the tasks' own events, linked as AWS links them. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #states: ReadonlyMap<string, PlacedState>;
  /** Last event per scope, so that parallel branches link back to their own past. */
  readonly #last = new Map<string, number>();

  constructor(states: ReadonlyMap<string, PlacedState>) {
    this.#states = states;
  }

  started(input: string, roleArn: string): void {
    const details = { input, inputDetails: complete, roleArn };
    this.#add('', 'ExecutionStarted', { executionStartedEventDetails: details });
  }

  succeeded(output: string): void {
    this.#add('', 'ExecutionSucceeded', { executionSucceededEventDetails: { output, outputDetails: complete } });
  }

  /** `kind`: how the execution ended without an output. */
  ended(kind: 'Failed' | 'Aborted' | 'TimedOut', error: string | undefined, cause: string | undefined): void {
    this.#add('', `Execution${kind}`, { [`execution${kind}EventDetails`]: { error, cause } });
  }

  /** An event of a running task, e.g. 'TaskScheduled' with its details. */
  task(stateName: string, type: string, details: object | undefined): void {
    const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
    this.#add(this.#scopeOf(stateName), type, details === undefined ? {} : { [member]: details });
  }

  /** A transition that the interpreter reports. */
  transition(event: InterpreterEvent): void {
    if (!('state' in event)) return;
    const { name, type } = event.state;
    const scope = this.#scopeOf(name);
    const container = type === 'Parallel' || type === 'Map';
    switch (event.type) {
      case 'StateEntered': {
        const details = { name, input: JSON.stringify(event.state.input), inputDetails: complete };
        this.#add(scope, `${type}StateEntered`, { stateEnteredEventDetails: details });
        if (container) this.#containerStarted(name, scope, type);
        return;
      }
      case 'StateRetried':
        if (container) this.#containerStarted(name, scope, type);
        return;
      case 'StateFailed':
        if (container) this.#containerEnded(name, scope, `${type}StateFailed`);
        return;
      case 'StateExited': {
        const failed = this.events[(this.#last.get(scope) ?? 1) - 1]?.type === `${type}StateFailed`;
        if (container && !failed) this.#containerEnded(name, scope, `${type}StateSucceeded`);
        const details = { name, output: JSON.stringify(event.state.output), outputDetails: complete };
        this.#add(scope, `${type}StateExited`, { stateExitedEventDetails: details });
      }
    }
  }

  #containerStarted(name: string, scope: string, type: string): void {
    const id = this.#add(scope, `${type}StateStarted`, {});
    for (const inner of this.#scopesInside(name)) this.#last.set(inner, id);
  }

  #containerEnded(name: string, scope: string, type: string): void {
    const lastInside = Math.max(...this.#scopesInside(name).map((inner) => this.#last.get(inner) ?? 0));
    this.#last.set(scope, Math.max(lastInside, this.#last.get(scope) ?? 0));
    this.#add(scope, type, {});
  }

  #scopesInside(name: string): string[] {
    const inside = [...this.#states.values()].filter(({ ancestors }) => ancestors.includes(name));
    return [...new Set(inside.map(({ scope }) => scope))];
  }

  #scopeOf(stateName: string): string {
    return this.#states.get(stateName)?.scope ?? '';
  }

  #add(scope: string, type: string, details: Readonly<Record<string, object>>): number {
    const id = this.events.length + 1;
    this.events.push({
      id,
      previousEventId: this.#last.get(scope) ?? 0,
      timestamp: Date.now() / 1000,
      type,
      details,
    });
    this.#last.set(scope, id);
    return id;
  }
}
