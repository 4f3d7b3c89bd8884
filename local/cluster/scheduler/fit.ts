/** Whether a node can take a pod. */
import type { Node, Pod } from '../apimachinery/kinds.ts';
import { matchesNode, untoleratedTaints } from '../apimachinery/node-selection.ts';
import { quantity } from '../apimachinery/quantity.ts';
import { requestedOn, requestsOf } from './resource-requests.ts';
import { violatesSpread } from './topology-spread.ts';

/**
 * Why a node cannot take a pod, as the real scheduler says it; undefined when it can.
 * @param nodes all of the cluster
 * @param pods those that have a node
 */
export function unfitReason(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): string | undefined {
  const { tolerations } = pod.spec;
  const [taint] = [
    ...untoleratedTaints(tolerations, node, 'NoSchedule'),
    ...untoleratedTaints(tolerations, node, 'NoExecute'),
  ];
  if (taint?.key === 'node.kubernetes.io/unschedulable') return 'node(s) were unschedulable';
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!matchesNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  const requests = requestsOf(pod.spec);
  const requested = requestedOn(node, pods);
  const { allocatable = {} } = node.status ?? {};
  for (const name of ['cpu', 'memory'] as const) {
    if (requested[name] + requests[name] > quantity(allocatable[name] ?? 0)) return `Insufficient ${name}`;
  }
  return violatesSpread(pod, node, nodes, pods) ? "node(s) didn't match pod topology spread constraints" : undefined;
}
