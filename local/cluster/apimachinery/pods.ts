/** What many components ask about a pod. */
import { isConditionTrue } from './conditions.ts';
import type { Pod } from './kinds.ts';

export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod, 'Ready');
}

export function isPodFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
