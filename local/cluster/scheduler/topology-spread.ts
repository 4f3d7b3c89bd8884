/** topologySpreadConstraints and required pod anti-affinity: which nodes would put too many alike together. */
import type { KubeObject, Open } from '../apimachinery/object.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';

export function blockedBySpread(
  pod: KubeObject,
  node: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): boolean {
  return tooUneven(pod, node, nodes, pods) || repelled(pod, node, nodes, pods);
}

/** Higher where fewer pods of the same kind run. */
export function spreadScore(pod: KubeObject, node: KubeObject, pods: readonly KubeObject[]): number {
  const labels = pod.metadata.labels;
  const alike = pods.filter(
    (other) =>
      other.spec.nodeName === node.metadata.name &&
      other.metadata.namespace === pod.metadata.namespace &&
      other.metadata.ownerReferences?.[0]?.uid === pod.metadata.ownerReferences?.[0]?.uid,
  );
  return labels ? -alike.length : 0;
}

function tooUneven(
  pod: KubeObject,
  node: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): boolean {
  return (pod.spec.topologySpreadConstraints ?? []).some((constraint: Open) => {
    if (constraint.whenUnsatisfiable === 'ScheduleAnyway') return false;
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return true;
    const counts = domainCounts(constraint, pod, nodes, pods);
    return (counts.get(domain) ?? 0) + 1 - Math.min(...counts.values()) > constraint.maxSkew;
  });
}

function domainCounts(
  { topologyKey, labelSelector }: Open,
  pod: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): Map<string, number> {
  const counts = new Map<string, number>();
  const domainOf = new Map<string, string>();
  for (const { metadata } of nodes) {
    const domain = metadata.labels?.[topologyKey];
    if (domain === undefined) continue;
    domainOf.set(metadata.name, domain);
    counts.set(domain, counts.get(domain) ?? 0);
  }
  for (const other of pods) {
    const domain = domainOf.get(other.spec.nodeName);
    const alike =
      other.metadata.namespace === pod.metadata.namespace && matchesSelector(labelSelector, other.metadata.labels);
    if (domain !== undefined && alike && !other.metadata.deletionTimestamp) counts.set(domain, counts.get(domain)! + 1);
  }
  return counts;
}

function repelled(
  pod: KubeObject,
  node: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): boolean {
  const terms: Open[] = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some(({ topologyKey, labelSelector }) => {
    const domain = node.metadata.labels?.[topologyKey];
    const inDomain = new Set(
      nodes.filter(({ metadata }) => metadata.labels?.[topologyKey] === domain).map(({ metadata }) => metadata.name),
    );
    return pods.some(
      (other) =>
        inDomain.has(other.spec.nodeName) &&
        other.metadata.namespace === pod.metadata.namespace &&
        matchesSelector(labelSelector, other.metadata.labels),
    );
  });
}
