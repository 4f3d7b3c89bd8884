/** topologySpreadConstraints and required pod anti-affinity: which nodes would put too many similar pods together. */
import type { Node, Pod } from '../apimachinery/kinds.ts';
import { matchesNode, untoleratedTaints } from '../apimachinery/node-selection.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';

type SpreadConstraint = NonNullable<Pod['spec']['topologySpreadConstraints']>[number];

/** @param pods those that are placed already */
export function violatesSpread(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): boolean {
  return exceedsMaxSkew(pod, node, nodes, pods) || violatesAntiAffinity(pod, node, nodes, pods);
}

/** 0 or below: lower where more pods of the same controller run. */
export function spreadScore(pod: Pod, node: Node, pods: readonly Pod[]): number {
  if (!pod.metadata.labels) return 0;
  const siblings = pods.filter(
    ({ spec, metadata }) =>
      spec.nodeName === node.metadata.name &&
      metadata.namespace === pod.metadata.namespace &&
      metadata.ownerReferences?.[0]?.uid === pod.metadata.ownerReferences?.[0]?.uid,
  );
  return -siblings.length;
}

function exceedsMaxSkew(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): boolean {
  const required = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway',
  );
  return required.some((constraint) => {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return true;
    const counts = podsByDomain(constraint, pod, nodes, pods);
    return (counts.get(domain) ?? 0) + 1 - Math.min(...counts.values()) > constraint.maxSkew;
  });
}

function podsByDomain(
  constraint: SpreadConstraint,
  pod: Pod,
  nodes: readonly Node[],
  pods: readonly Pod[],
): ReadonlyMap<string, number> {
  const { topologyKey, labelSelector, matchLabelKeys = [] } = constraint;
  const counts = new Map<string, number>();
  const domainOfNode = new Map<string, string>();
  for (const { metadata } of nodes.filter((node) => isEligible(node, pod, constraint))) {
    const domain = metadata.labels?.[topologyKey];
    if (domain === undefined) continue;
    domainOfNode.set(metadata.name, domain);
    counts.set(domain, counts.get(domain) ?? 0);
  }
  for (const { spec, metadata } of pods) {
    const domain = domainOfNode.get(spec.nodeName ?? '');
    const isCounted =
      metadata.namespace === pod.metadata.namespace &&
      matchesSelector(labelSelector, metadata.labels) &&
      matchLabelKeys.every((key) => metadata.labels?.[key] === pod.metadata.labels?.[key]) &&
      !metadata.deletionTimestamp;
    if (domain !== undefined && isCounted) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return counts;
}

/** A constraint counts neither nodes that the pod does not select nor, with nodeTaintsPolicy Honor, those whose taints it does not tolerate. */
function isEligible(node: Node, { spec }: Pod, constraint: SpreadConstraint): boolean {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  if (nodeAffinityPolicy === 'Honor' && !matchesNode(spec, node)) return false;
  return nodeTaintsPolicy === 'Ignore' || untoleratedTaints(spec.tolerations, node).length === 0;
}

function violatesAntiAffinity(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): boolean {
  const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some(({ topologyKey, labelSelector }) => {
    const domain = node.metadata.labels?.[topologyKey];
    const nodesInDomain = new Set(
      nodes.filter(({ metadata }) => metadata.labels?.[topologyKey] === domain).map(({ metadata }) => metadata.name),
    );
    return pods.some(
      ({ spec, metadata }) =>
        nodesInDomain.has(spec.nodeName ?? '') &&
        metadata.namespace === pod.metadata.namespace &&
        matchesSelector(labelSelector, metadata.labels),
    );
  });
}
