import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { clientOptions, type Twin } from '#local/twin.ts';
import { servingWorkers } from '#support/twin.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { provision, startedTwin } from './started-twin.ts';

/** Half the real pace: faster, this machine's cores would be measured, which do the work of all hosts. */
const scale = 2;
const many = 20;

/** Time until twenty workers that start at once serve, compared with one. Takes about five minutes. */
export const joins: Part = {
  name: 'joins',
  async run({ model, progress }: BenchOptions): Promise<Finding[]> {
    await using cleanup = new AsyncDisposableStack();
    progress('joins: a cluster with one worker');
    const twin = await startedTwin({ model, scale, workers: { desired: 1, max: many + 2 }, cleanup });
    await provision(twin);
    progress('joins: one');
    const one = await scaleTo(twin, 2);
    progress(`joins: ${many} at once`);
    const all = await scaleTo(twin, many + 2);
    return [
      {
        what: `${many} workers that join at once, in the twin`,
        measured: `${all.toFixed(1)} s`,
        baseline: `one worker: ${one.toFixed(1)} s`,
        ratio: all / one,
        target: 1.3,
      },
    ];
  },
};

/** @returns how long it took until all workers were in service and Ready, in seconds */
async function scaleTo(twin: Twin, workers: number): Promise<number> {
  const startedAt = performance.now();
  const capacity = { AutoScalingGroupName: twin.cloud.outputs['WorkerGroupName']!, DesiredCapacity: workers };
  await new AutoScalingClient(clientOptions(twin.cloud)).send(new SetDesiredCapacityCommand(capacity));
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const stop = twin.context.onChanged(() => {
    if (servingWorkers(twin) === workers) resolve();
  });
  await ready;
  stop();
  return (performance.now() - startedAt) / 1000;
}
