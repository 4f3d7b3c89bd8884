/** The two ways from an old ReplicaSet to a new one. */

import type { KubeObject } from '../apimachinery/object.ts';
import { countOrShare } from '../apiserver/eviction.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { resize } from './deployment.ts';

/** RollingUpdate: never more than wanted + maxSurge pods, never fewer than wanted - maxUnavailable available ones. */
export function rollOut(
  parts: ControllerParts,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  wanted: string,
): void {
  const desired: number = deployment.spec.replicas;
  const { maxSurge, maxUnavailable } = limitsOf(deployment);
  const next = sets.find(({ metadata }) => metadata.name === wanted)!;
  const old = sets.filter((set) => set !== next && set.spec.replicas > 0);
  const total = sum(sets, ({ spec }) => spec.replicas);
  if (next.spec.replicas > desired) {
    resize(parts, deployment, next, desired);
    return;
  }
  if (next.spec.replicas < desired) {
    const room = Math.max(0, desired + maxSurge - total);
    const replicas = Math.min(desired, next.spec.replicas + room);
    if (replicas !== next.spec.replicas) {
      resize(parts, deployment, next, replicas);
      return;
    }
  }
  const minAvailable = desired - maxUnavailable;
  const newUnavailable = next.spec.replicas - (next.status?.availableReplicas ?? 0);
  let removable = total - minAvailable - newUnavailable;
  if (removable <= 0) return;
  const sizes = new Map(old.map((set) => [set, set.spec.replicas as number]));
  const shrink = (set: KubeObject, by: number): void => {
    sizes.set(set, sizes.get(set)! - by);
    removable -= by;
  };
  // Pods that do not work are no loss: they go first.
  for (const set of old) shrink(set, clamp(set.spec.replicas - (set.status?.availableReplicas ?? 0), removable));
  let spare = sum(sets, ({ status }) => status?.availableReplicas ?? 0) - minAvailable;
  for (const set of old) {
    const by = clamp(Math.min(sizes.get(set)!, spare), removable);
    shrink(set, by);
    spare -= by;
  }
  for (const [set, replicas] of sizes) resize(parts, deployment, set, replicas);
}

/** Recreate: the old pods go, then the new ones come. */
export function recreate(
  parts: ControllerParts,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  wanted: string,
  hasOldPods: boolean,
): void {
  for (const set of sets) {
    if (set.metadata.name !== wanted) resize(parts, deployment, set, 0);
    else if (!hasOldPods) resize(parts, deployment, set, deployment.spec.replicas);
  }
}

export function limitsOf({ spec }: KubeObject): { maxSurge: number; maxUnavailable: number } {
  if (spec.strategy.type === 'Recreate') return { maxSurge: 0, maxUnavailable: spec.replicas };
  const maxSurge = countOrShare(spec.strategy.rollingUpdate.maxSurge, spec.replicas);
  const maxUnavailable = countOrShare(spec.strategy.rollingUpdate.maxUnavailable, spec.replicas, Math.floor);
  // Both 0 would never move.
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

function clamp(value: number, highest: number): number {
  return Math.max(0, Math.min(value, highest));
}

function sum(sets: readonly KubeObject[], of: (set: KubeObject) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}
