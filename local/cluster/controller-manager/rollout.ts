/** The two ways from old ReplicaSets to a new one: RollingUpdate and Recreate. */
import { types } from '../apimachinery/builtin-types.ts';
import { countOf } from '../apimachinery/int-or-percent.ts';
import type { Deployment, ReplicaSet } from '../apimachinery/kinds.ts';
import type { ControllerDependencies } from '../client/controller.ts';

/**
 * One step of a rolling update: at most `replicas + maxSurge` pods, at least `replicas - maxUnavailable` available ones.
 * @param newSetName the ReplicaSet of the Deployment's current template; it is among the sets
 */
export function rollingUpdate(
  dependencies: ControllerDependencies,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
): void {
  const newSet = sets.find(({ metadata }) => metadata.name === newSetName)!;
  const { replicas } = deployment.spec;
  const { maxSurge } = rolloutLimits(deployment);
  const total = sum(sets, ({ spec }) => spec.replicas);
  const room = Math.max(0, replicas + maxSurge - total);
  const newReplicas = Math.min(replicas, newSet.spec.replicas + room);
  if (newReplicas !== newSet.spec.replicas) resize(dependencies, deployment, newSet, newReplicas);
  else shrinkOldSets(dependencies, deployment, sets, newSet);
}

/** Takes away as many old pods as availability allows, first those that are not available anyway. */
function shrinkOldSets(
  dependencies: ControllerDependencies,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet,
): void {
  const minAvailable = deployment.spec.replicas - rolloutLimits(deployment).maxUnavailable;
  const newUnavailable = newSet.spec.replicas - availableReplicas(newSet);
  let removable = sum(sets, ({ spec }) => spec.replicas) - minAvailable - newUnavailable;
  if (removable <= 0) return;
  const sizes = new Map(
    sets.filter((set) => set !== newSet && set.spec.replicas > 0).map((set) => [set, set.spec.replicas]),
  );
  for (const [set, size] of sizes) {
    const unavailable = clamp(set.spec.replicas - availableReplicas(set), removable);
    sizes.set(set, size - unavailable);
    removable -= unavailable;
  }
  let spareAvailable = sum(sets, availableReplicas) - minAvailable;
  for (const [set, size] of sizes) {
    const removed = clamp(Math.min(size, spareAvailable), removable);
    sizes.set(set, size - removed);
    removable -= removed;
    spareAvailable -= removed;
  }
  for (const [set, size] of sizes) resize(dependencies, deployment, set, size);
}

/** Recreate: the new pods come when the last old one is gone. */
export function recreate(
  dependencies: ControllerDependencies,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
  hasOldPods: boolean,
): void {
  for (const set of sets) {
    if (set.metadata.name !== newSetName) resize(dependencies, deployment, set, 0);
    else if (!hasOldPods) resize(dependencies, deployment, set, deployment.spec.replicas);
  }
}

export function rolloutLimits({ spec }: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const { replicas, strategy } = spec;
  if (strategy.type === 'Recreate') return { maxSurge: 0, maxUnavailable: replicas };
  const maxSurge = countOf(strategy.rollingUpdate?.maxSurge ?? 0, replicas);
  const maxUnavailable = countOf(strategy.rollingUpdate?.maxUnavailable ?? 0, replicas, Math.floor);
  // With both at 0 (a percentage of few replicas) nothing could ever be replaced.
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

function resize(
  { client, events }: ControllerDependencies,
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): void {
  const { namespace, name } = set.metadata;
  const current = set.spec.replicas;
  if (current === replicas) return;
  client.update(types.replicaSets, namespace, name, ({ spec }) => {
    spec.replicas = replicas;
  });
  const direction = replicas > current ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${name} from ${current} to ${replicas}`;
  events(deployment, 'Normal', 'ScalingReplicaSet', message);
}

function availableReplicas({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

function clamp(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}

function sum(sets: readonly ReplicaSet[], countIn: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + countIn(set), 0);
}
