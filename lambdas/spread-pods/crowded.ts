import type { V1Node, V1Pod } from '@kubernetes/client-node';

const hostname = 'kubernetes.io/hostname';

/**
 * Pods that the scheduler would place on another node today: of each owner whose pods must be spread over nodes and are not, the newest on
 * the fullest node. Owners with a pod that ends or is not ready are left alone: they are on the move already.
 */
export function crowdedPods(nodes: readonly V1Node[], pods: readonly V1Pod[]): readonly V1Pod[] {
  const open = nodes.filter(isOpen).map(({ metadata }) => metadata?.name ?? '');
  const spread = pods.filter((pod) => maxSkewOf(pod) !== undefined);
  const byOwner = Map.groupBy(spread, (pod) => ownerOf(pod) ?? '');
  return [...byOwner].flatMap(([owner, own]) => (owner === '' || !own.every(isSettled) ? [] : crowded(own, open)));
}

function crowded(pods: readonly V1Pod[], nodes: readonly string[]): readonly V1Pod[] {
  const on = (node: string) => pods.filter(({ spec }) => spec?.nodeName === node);
  const [fullest, ...others] = nodes.toSorted((a, b) => on(b).length - on(a).length);
  const emptiest = others.at(-1);
  if (fullest === undefined || emptiest === undefined) return [];
  const skew = on(fullest).length - on(emptiest).length;
  return skew > Math.max(...pods.map((pod) => maxSkewOf(pod) ?? 1)) ? on(fullest).toSorted(byAge).slice(0, 1) : [];
}

/** undefined: its pods may stand together. */
function maxSkewOf({ spec }: V1Pod): number | undefined {
  return spec?.topologySpreadConstraints?.find(
    ({ topologyKey, whenUnsatisfiable }) => topologyKey === hostname && whenUnsatisfiable === 'DoNotSchedule',
  )?.maxSkew;
}

const ownerOf = ({ metadata }: V1Pod) => metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
const byAge = (a: V1Pod, b: V1Pod) => createdAt(b) - createdAt(a);
const createdAt = ({ metadata }: V1Pod) => new Date(metadata?.creationTimestamp ?? 0).getTime();

function isSettled({ metadata, status }: V1Pod): boolean {
  return metadata?.deletionTimestamp === undefined && status?.conditions?.some(isTrue('Ready')) === true;
}

/** Whether a pod without tolerations can be placed on it. */
function isOpen({ spec, status }: V1Node): boolean {
  const keepsOff = spec?.taints?.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute') === true;
  return !keepsOff && spec?.unschedulable !== true && status?.conditions?.some(isTrue('Ready')) === true;
}

const isTrue =
  (type: string) =>
  (condition: { readonly type: string; readonly status: string }): boolean =>
    condition.type === type && condition.status === 'True';
