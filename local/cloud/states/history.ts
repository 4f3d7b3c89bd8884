import type { PlacedState } from './definition.ts';
import type { InterpreterEvent } from './interpreter.ts';

/** An event of GetExecutionHistory. `details` has the one member of details that belongs to the event's type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Seconds since 1970 */
  readonly timestamp: number;
  readonly type: string;
  readonly details: Readonly<Record<string, object>>;
}

/** Details of inputs and outputs that the history has in full. */
const notTruncated = { truncated: false };

/**
 * The history of one execution: the interpreter's transitions and the events of tasks. Each event is linked to the one that caused
 * it, in its own branch. https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #states: ReadonlyMap<string, PlacedState>;
  /** Id of the last event by scope (see PlacedState): branches of a Parallel state have chains of their own. */
  readonly #lastEventId = new Map<string, number>();

  constructor(states: ReadonlyMap<string, PlacedState>) {
    this.#states = states;
  }

  started(input: string, roleArn: string): void {
    const details = { input, inputDetails: notTruncated, roleArn };
    this.#add('', 'ExecutionStarted', { executionStartedEventDetails: details });
  }

  succeeded(output: string): void {
    this.#add('', 'ExecutionSucceeded', { executionSucceededEventDetails: { output, outputDetails: notTruncated } });
  }

  /** The end by the machine's own TimeoutSeconds: AWS links it to no other event. */
  timedOut(): void {
    this.#lastEventId.delete('');
    this.#add('', 'ExecutionTimedOut', { executionTimedOutEventDetails: { error: 'States.Timeout' } });
  }

  /** Another end without an output. */
  ended(kind: 'Failed' | 'Aborted', error: string | undefined, cause: string | undefined): void {
    this.#add('', `Execution${kind}`, { [`execution${kind}EventDetails`]: { error, cause } });
  }

  /** @param type e.g. 'TaskScheduled' */
  task(stateName: string, type: string, details: object | undefined): void {
    const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
    this.#add(this.#scopeOf(stateName), type, details === undefined ? {} : { [member]: details });
  }

  transition(event: InterpreterEvent): void {
    if (!('state' in event)) return;
    const { name, type } = event.state;
    const scope = this.#scopeOf(name);
    const container = type === 'Parallel' || type === 'Map';
    switch (event.type) {
      case 'StateEntered': {
        const details = { name, input: JSON.stringify(event.state.input), inputDetails: notTruncated };
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
        const failed = this.events[(this.#lastEventId.get(scope) ?? 1) - 1]?.type === `${type}StateFailed`;
        if (container && !failed) this.#containerEnded(name, scope, `${type}StateSucceeded`);
        const details = { name, output: JSON.stringify(event.state.output), outputDetails: notTruncated };
        this.#add(scope, `${type}StateExited`, { stateExitedEventDetails: details });
      }
    }
  }

  #containerStarted(name: string, scope: string, type: string): void {
    const id = this.#add(scope, `${type}StateStarted`, {});
    for (const inner of this.#scopesInside(name)) this.#lastEventId.set(inner, id);
  }

  #containerEnded(name: string, scope: string, type: string): void {
    const lastInside = Math.max(...this.#scopesInside(name).map((inner) => this.#lastEventId.get(inner) ?? 0));
    this.#lastEventId.set(scope, Math.max(lastInside, this.#lastEventId.get(scope) ?? 0));
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
      previousEventId: this.#lastEventId.get(scope) ?? 0,
      timestamp: Date.now() / 1000,
      type,
      details,
    });
    this.#lastEventId.set(scope, id);
    return id;
  }
}
