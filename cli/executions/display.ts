import { type OutlineState, titleOf } from '@stepkube/tools/executions/outline.ts';
import type { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';
import { retryLine, StateBoard } from './state-board.ts';

type Follow = (onProgress: (progress: ExecutionProgress) => void) => Promise<ExecutionProgress>;

export interface DisplayOptions {
  /** Shows how long each state takes; wrong for states that ended before the display began. @default true */
  readonly timer?: boolean;
  /** Shows nothing at all. @default false */
  readonly silent?: boolean;
}

/**
 * Shows the states of an execution as a live list (plain lines where the output is no terminal) until it ends,
 * successfully or not. @throws what following it throws
 */
export async function displayExecution(
  outline: readonly OutlineState[],
  follow: Follow,
  { timer = true, silent = false }: DisplayOptions = {},
): Promise<ExecutionProgress> {
  if (silent) return follow(() => undefined);
  const board = new StateBoard();
  const followed = follow((progress) => board.update(progress)).finally(() => board.close());
  const timerOption = timer ? { timer: PRESET_TIMER } : {};
  const shown = new Listr(sequence(outline, board), {
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false, ...timerOption },
    fallbackRendererOptions: timerOption,
  }).run();
  // The list rejects when the execution fails; only an error of following it is an error here.
  const [outcome] = await Promise.allSettled([followed, shown]);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function sequence(outline: readonly OutlineState[], board: StateBoard): ListrTask[] {
  return outline.map(({ name, branches }) => ({
    title: titleOf(name),
    task: (_context, task) => {
      if (branches.length === 0) return board.settled(name, (state) => (task.output = retryLine(state)));
      const lanes = branches.map((branch) => ({
        title: branch.map((state) => titleOf(state.name)).join(' → '),
        task: (_inner: unknown, lane: typeof task) => lane.newListr(sequence(branch, board)),
      }));
      return task.newListr(branches.length === 1 ? sequence(branches[0]!, board) : lanes, { concurrent: true });
    },
  }));
}
