/** What many components ask about a pod. */
import { conditionOf, isConditionTrue } from './conditions.ts';
import type { Pod } from './kinds.ts';

export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod, 'Ready');
}

/** Milliseconds since 1970, of a ready pod. */
export function readySince(pod: Pod): number {
  return Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp);
}

export function isPodFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
