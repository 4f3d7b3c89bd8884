import type { BenchOptions, Finding, Part } from './part.ts';
import { provision, startedTwin } from './started-twin.ts';

/** Time of a second provision-cluster execution on a healthy cluster, compared with the first one. */
export const executions: Part = {
  name: 'executions',
  async run({ model, progress }: BenchOptions): Promise<Finding[]> {
    await using cleanup = new AsyncDisposableStack();
    progress('executions: synthesizing');
    const twin = await startedTwin({ model, scale: 60, cleanup });
    progress('executions: the first');
    const first = await provision(twin);
    progress('executions: the second');
    const second = await provision(twin);
    return [
      {
        what: 'provision-cluster on a healthy cluster, in the twin',
        measured: `${second.toFixed(1)} s`,
        baseline: `first execution: ${first.toFixed(1)} s`,
        ratio: second / first,
        target: 0.34,
      },
    ];
  },
};
