/** Which pods of a node a drain moves, and in what order. The rules are those of `kubectl drain` for a node that goes away. */
import type { V1Pod, V1Taint } from '@kubernetes/client-node';
import { drainTaintKey } from '../shared/cluster/drain-taint.ts';
import { isFinished } from '../shared/cluster/pods.ts';

/** After its grace a terminating pod has this long before it counts as stuck. */
const stuckAfterSeconds = 60;
/** system-cluster-critical and system-node-critical. */
const criticalPriority = 2_000_000_000;

export type PodCase =
  /** To be evicted now. */
  | 'evict'
  /** Evicted already: to be waited for. */
  | 'leaving'
  /** It ends with the node: DaemonSets replace it at once, the kubelet runs it from a file, or it tolerates the drain. */
  | 'stays'
  /** Its grace is over and its kubelet has not ended it: nobody waits for it. */
  | 'stuck';

/** @param now Unix milliseconds */
export function caseOf(pod: V1Pod, drainId: string, now: number): PodCase {
  const { metadata = {}, spec } = pod;
  const controller = metadata.ownerReferences?.find((owner) => owner.controller === true);
  const isMirror = metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  if (isMirror || controller?.kind === 'DaemonSet' || controller?.kind === 'Node') return 'stays';
  if (metadata.deletionTimestamp !== undefined) {
    // The API sets it to the end of the grace.
    const overSeconds = (now - new Date(metadata.deletionTimestamp).getTime()) / 1000;
    return overSeconds > stuckAfterSeconds ? 'stuck' : 'leaving';
  }
  const taint = { key: drainTaintKey, value: drainId, effect: 'NoSchedule' };
  if (!isFinished(pod) && spec?.tolerations?.some((toleration) => tolerates(toleration, taint))) return 'stays';
  return 'evict';
}

/** Pods that others depend on leave last. */
export const isCritical = ({ spec }: V1Pod): boolean => (spec?.priority ?? 0) >= criticalPriority;

/** A toleration of everything is one of the whole node's life, not of drains: only one that names the taint counts. */
function tolerates(
  toleration: NonNullable<NonNullable<V1Pod['spec']>['tolerations']>[number],
  taint: V1Taint,
): boolean {
  if (toleration.key !== taint.key) return false;
  const isSameEffect = toleration.effect === undefined || toleration.effect === taint.effect;
  return isSameEffect && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''));
}
