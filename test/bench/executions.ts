import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '#cluster.config.ts';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { startTwin, type Twin } from '#local/twin.ts';
import type { BenchOptions, Finding, Part } from './part.ts';

/** The twin's simulated delays are divided by this. */
const scale = 60;
const assemblyTimeoutMilliseconds = 120_000;

/** Time of a second provision-cluster execution on a healthy cluster, compared with the first one. */
export const executions: Part = {
  name: 'executions',
  async run({ model, progress }: BenchOptions): Promise<Finding[]> {
    await using cleanup = new AsyncDisposableStack();
    const assemblyFolder = await mkdtemp(join(tmpdir(), 'stepkube-bench-'));
    cleanup.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
    progress('executions: synthesizing');
    const clusterConfig = parseConfig(config);
    await assemble(clusterConfig, assemblyFolder, AbortSignal.timeout(assemblyTimeoutMilliseconds));
    const twin = await startTwin({ config: clusterConfig, assemblyFolder, model, scale, faults: [], port: 0 });
    cleanup.defer(() => twin.stop());
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

/** @returns how long it took, in seconds */
async function provision(twin: Twin): Promise<number> {
  const startedAt = performance.now();
  const { end } = await twin.follow(await twin.startProvisioning());
  if (end?.status !== 'SUCCEEDED') throw new Error(`the execution ended with ${end?.status ?? 'nothing'}`);
  return (performance.now() - startedAt) / 1000;
}
