import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '#cluster.config.ts';
import { type ClusterConfigInput, parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import type { Model } from '#local/assembly/model.ts';
import { startTwin, type Twin } from '#local/twin.ts';

export interface StartedTwinOptions {
  readonly model: Model;
  /** The twin's simulated delays are divided by this. */
  readonly scale: number;
  /** What differs from the project's own configuration. */
  readonly workers?: Partial<ClusterConfigInput['workers']>;
  /** Stops the twin and removes its files. */
  readonly cleanup: AsyncDisposableStack;
}

const assemblyTimeoutMilliseconds = 120_000;

/** A twin without a cluster. */
export async function startedTwin({ model, scale, workers, cleanup }: StartedTwinOptions): Promise<Twin> {
  const assemblyFolder = await mkdtemp(join(tmpdir(), 'stepkube-bench-'));
  cleanup.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
  const clusterConfig = parseConfig({ ...config, workers: { ...config.workers, ...workers } });
  await assemble(clusterConfig, assemblyFolder, AbortSignal.timeout(assemblyTimeoutMilliseconds));
  const twin = await startTwin({ config: clusterConfig, assemblyFolder, model, scale, faults: [], port: 0 });
  cleanup.defer(() => twin.stop());
  return twin;
}

/** @returns how long it took, in seconds */
export async function provision(twin: Twin): Promise<number> {
  const startedAt = performance.now();
  const { end } = await twin.follow(await twin.startProvisioning());
  if (end?.status !== 'SUCCEEDED') throw new Error(`the execution ended with ${end?.status ?? 'nothing'}`);
  return (performance.now() - startedAt) / 1000;
}
