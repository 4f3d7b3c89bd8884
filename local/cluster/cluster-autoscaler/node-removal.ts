/** The removal of one node: its pods go first, then its instance, whose lifecycle hook drains what is left. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Pod } from '../apimachinery/kinds.ts';
import type { Kubernetes } from './kubernetes.ts';
import type { NodeGroups } from './node-groups.ts';
import type { UnneededNode } from './scale-down.ts';

/** `--max-pod-eviction-time` */
const evictionTimeoutSeconds = 120;
const pollMilliseconds = 500;

export interface RemovalDependencies {
  readonly kubernetes: Kubernetes;
  readonly groups: NodeGroups;
  readonly maxGracefulTerminationSeconds: number;
}

/** @throws the reason why it is not removed; the node is then in service again */
export async function removeNode(dependencies: RemovalDependencies, node: UnneededNode): Promise<void> {
  const { kubernetes, groups } = dependencies;
  await kubernetes.setRemoval(node.name, true);
  try {
    await evictAll(dependencies, node);
    await groups.terminate(node.instanceId);
  } catch (error) {
    await kubernetes.setRemoval(node.name, false);
    throw error;
  }
}

/** Evicts the pods and waits for their end. @throws Error when a budget keeps one */
async function evictAll(
  { kubernetes, maxGracefulTerminationSeconds }: RemovalDependencies,
  { pods }: UnneededNode,
): Promise<void> {
  const graceOf = ({ spec }: Pod) => Math.min(spec.terminationGracePeriodSeconds, maxGracefulTerminationSeconds);
  let left: readonly Pod[] = pods;
  const areEvicted = await eventually(evictionTimeoutSeconds, async () => {
    const evicted = await Promise.all(left.map((pod) => kubernetes.evict(pod, graceOf(pod))));
    left = left.filter((_, index) => !evicted[index]);
    return left.length === 0;
  });
  if (!areEvicted) throw new Error(`disruption budgets keep ${left.map(({ metadata }) => metadata.name).join(', ')}`);
  const uids = new Set(pods.map(({ metadata }) => metadata.uid));
  await eventually(maxGracefulTerminationSeconds, async () => {
    const state = await kubernetes.state();
    return !state.pods.some(({ metadata }) => uids.has(metadata.uid));
  });
}

/** Budgets and grace periods take real time in the twin. @returns whether it became true in time */
async function eventually(timeoutSeconds: number, isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    if (await isTrue()) return true;
    if (Date.now() > deadline) return false;
    await wait(pollMilliseconds);
  }
}
