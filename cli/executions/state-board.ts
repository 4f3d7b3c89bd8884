import type { ExecutionProgress, StateProgress } from '@stepkube/tools/executions/progress.ts';

/** Lets each line of a list wait for its own state. */
export class StateBoard {
  #progress: ExecutionProgress | undefined;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  update(progress: ExecutionProgress): void {
    this.#progress = progress;
    this.#wake();
  }

  /** Nothing more will be known. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /**
   * Resolves when the state has succeeded, or the execution without it.
   * @param onRetry called with a state that failed and is tried again
   * @throws an Error with a word for the list: the error's name, or why the state did not end
   */
  async settled(name: string, onRetry: (state: StateProgress) => void): Promise<void> {
    for (;;) {
      const state = this.#progress?.states.get(name);
      if (state?.status === 'succeeded') return;
      if (state?.status === 'failed') throw new Error(state.failure?.error ?? 'failed');
      const end = this.#progress?.end;
      if (end?.status === 'SUCCEEDED') return;
      if (end !== undefined) throw new Error(state === undefined ? 'not reached' : 'stopped');
      if (this.#closed) throw new Error('no longer followed');
      if (state?.failure !== undefined) onRetry(state);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    const woken = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of woken) resolve();
  }
}

/** 'AgentOffline · try 3' */
export function retryLine({ attempts, failure }: StateProgress): string {
  return `${failure?.error.replace(/Error$/, '')} · try ${attempts + 1}`;
}
