import type { StateView } from '#local/contracts/views.ts';
import type { PlacedState } from './definition.ts';
import type { InterpreterEvent } from './interpreter.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What the page and the terminal show of one execution's states, in the order they were first entered. */
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
      // Map keeps the first position of a state that is entered again.
      this.#views.set(name, { name, status: 'running', enteredAt: new Date().toISOString(), retries: 0 });
      return;
    }
    if (view === undefined) return;
    switch (event.type) {
      case 'StateFailed':
        // It may be retried: the state is failed only once it is left.
        view.error = event.Error;
        this.#leaveChildren(name, 'failed');
        return;
      case 'StateRetried':
        view.retries += 1;
        delete view.error;
        return;
      case 'StateCaught':
        leave(view, 'failed');
        return;
      case 'StateExited':
        this.#leaveChildren(name, view.status === 'failed' ? 'failed' : 'succeeded');
        if (view.status === 'running') leave(view, 'succeeded');
    }
  }

  /** The execution is over without an output: whatever still ran has failed with it. */
  failed(): void {
    for (const view of this.#views.values()) if (view.status === 'running') leave(view, 'failed');
  }

  #leaveChildren(parent: string, status: 'failed' | 'succeeded'): void {
    for (const view of this.#views.values()) {
      const inside = this.#states.get(view.name)?.ancestors.includes(parent) ?? false;
      if (inside && view.status === 'running') leave(view, status);
    }
  }
}

function leave(view: Mutable<StateView>, status: 'failed' | 'succeeded'): void {
  view.status = status;
  view.exitedAt = new Date().toISOString();
}
