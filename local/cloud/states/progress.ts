import type { StateView } from '#local/contracts/views.ts';
import type { PlacedState } from './definition.ts';
import type { InterpreterEvent } from './interpreter.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The states of one execution for the page and the terminal, in the order in which they were first entered. */
export class Progress {
  readonly #states: ReadonlyMap<string, PlacedState>;
  readonly #views = new Map<string, Mutable<StateView>>();

  constructor(states: ReadonlyMap<string, PlacedState>) {
    this.#states = states;
  }

  view(): readonly StateView[] {
    return [...this.#views.values()].map((view) => ({ ...view }));
  }

  transition(event: InterpreterEvent): void {
    if (!('state' in event)) return;
    const { name } = event.state;
    const view = this.#views.get(name);
    if (event.type === 'StateEntered') {
      // A Map keeps the position of a key that is set again.
      this.#views.set(name, { name, status: 'running', enteredAt: new Date().toISOString(), retries: 0 });
      return;
    }
    if (view === undefined) return;
    switch (event.type) {
      case 'StateFailed':
        // The state may be retried or the error caught: its status changes when it is left.
        view.error = event.Error;
        this.#exitChildren(name, 'failed');
        return;
      case 'StateRetried':
        view.retries += 1;
        delete view.error;
        return;
      case 'StateCaught':
        exit(view, 'failed');
        return;
      case 'StateExited':
        this.#exitChildren(name, view.status === 'failed' ? 'failed' : 'succeeded');
        if (view.status === 'running') exit(view, 'succeeded');
    }
  }

  /** Marks the states that are still running as failed: the execution has ended without an output. */
  failRunning(): void {
    for (const view of this.#views.values()) if (view.status === 'running') exit(view, 'failed');
  }

  #exitChildren(parent: string, status: 'failed' | 'succeeded'): void {
    for (const view of this.#views.values()) {
      const inside = this.#states.get(view.name)?.ancestors.includes(parent) ?? false;
      if (inside && view.status === 'running') exit(view, status);
    }
  }
}

function exit(view: Mutable<StateView>, status: 'failed' | 'succeeded'): void {
  view.status = status;
  view.exitedAt = new Date().toISOString();
}
