import { type OutlineState, titleOf } from '@stepkube/tools/executions/outline.ts';
import type { ExecutionProgress, Failure, StateProgress } from '@stepkube/tools/executions/progress.ts';
import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';

/** The execution ended other than SUCCEEDED; the message names the state and the cause. */
export class ExecutionFailedError extends Error {
  override readonly name = 'ExecutionFailedError';
  readonly stateName: string;
  readonly failure: Failure;
  constructor(stateName: string, failure: Failure) {
    super(`${stateName} failed: ${failure.error}${failure.cause ? `: ${failure.cause}` : ''}`);
    this.stateName = stateName;
    this.failure = failure;
  }
}

type Follow = (onProgress: (progress: ExecutionProgress) => void) => Promise<ExecutionProgress>;

/**
 * Shows the states of an execution as a live list (plain lines where the output is no terminal) until it ends.
 * @returns the execution's output, parsed.
 * @throws ExecutionFailedError naming the failed state.
 */
export async function displayExecution(outline: readonly OutlineState[], follow: Follow): Promise<unknown> {
  const board = new StateBoard();
  const followed = follow((progress) => board.update(progress)).catch((error: unknown) => {
    board.abort(error);
    throw error;
  });
  const shown = new Listr(sequence(outline, board), {
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  const [outcome] = await Promise.allSettled([followed, shown]);
  if (outcome.status === 'rejected') throw outcome.reason;
  const { end } = outcome.value;
  if (end?.status !== 'SUCCEEDED') throw failureOf(outcome.value);
  return JSON.parse(end.output ?? 'null');
}

function sequence(outline: readonly OutlineState[], board: StateBoard): ListrTask[] {
  return outline.map(({ name, branches }) => ({
    title: titleOf(name),
    task: (_context, task) => {
      if (branches.length === 0) return board.settled(name, (line) => (task.output = line));
      const lanes = branches.map((branch) => ({
        title: branch.map((state) => titleOf(state.name)).join(' → '),
        task: (_inner: unknown, lane: typeof task) => lane.newListr(sequence(branch, board)),
      }));
      return task.newListr(branches.length === 1 ? sequence(branches[0]!, board) : lanes, { concurrent: true });
    },
  }));
}

function failureOf(progress: ExecutionProgress): ExecutionFailedError {
  const stateName = progress.failedState ?? 'the execution';
  const ended = progress.end?.failure ?? { error: progress.end?.status ?? 'Unknown', cause: '' };
  return new ExecutionFailedError(stateName, ended);
}

/** Lets each line of the list wait for its own state. */
class StateBoard {
  private progress: ExecutionProgress | undefined;
  private readonly waiting = new Set<() => void>();
  private aborted: unknown;

  update(progress: ExecutionProgress): void {
    this.progress = progress;
    this.wake();
  }

  abort(error: unknown): void {
    this.aborted = error;
    this.wake();
  }

  async settled(name: string, output: (line: string) => void): Promise<void> {
    for (;;) {
      if (this.aborted !== undefined) throw this.aborted;
      const state = this.progress?.states.get(name);
      if (state?.status === 'succeeded') return;
      if (state?.status === 'failed') throw new Error(state.failure?.error ?? 'failed');
      const end = this.progress?.end;
      if (end?.status === 'SUCCEEDED') return;
      if (end !== undefined) throw new Error('not reached');
      if (state?.failure !== undefined) output(retryLine(state));
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  private wake(): void {
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const resolve of woken) resolve();
  }
}

function retryLine({ attempts, failure }: StateProgress): string {
  return `${failure?.error.replace(/Error$/, '')} · try ${attempts + 1}`;
}
