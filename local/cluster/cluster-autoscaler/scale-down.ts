/** Which nodes nobody needs. */
import type { Node, Pod, PodDisruptionBudget } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { quantity } from '../apimachinery/quantity.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import { requestedOn } from '../scheduler/resource-requests.ts';
import type { AutoscalerSettings } from './flags.ts';
import { type ClusterState, instanceIdOf, isUsable } from './kubernetes.ts';
import type { NodeGroup } from './node-groups.ts';
import { isBoundToNode, placedPods, Simulation } from './placement.ts';

/** `--scale-down-utilization-threshold` */
const utilizationThreshold = 0.5;

export interface UnneededNode {
  readonly name: string;
  readonly instanceId: string;
  /** To be moved elsewhere. */
  readonly pods: readonly Pod[];
}

/** Nodes of the group with little on them, all of which has room elsewhere. */
export function unneededNodes(
  group: NodeGroup,
  state: ClusterState,
  settings: AutoscalerSettings,
): readonly UnneededNode[] {
  const pods = placedPods(state.pods);
  return state.nodes.flatMap((node) => {
    const { name } = node.metadata;
    const instanceId = instanceIdOf(node) ?? '';
    if (!group.instanceIds.has(instanceId) || !isUsable(node)) return [];
    if (utilizationOf(node, pods) >= utilizationThreshold) return [];
    const movable = pods.filter((pod) => pod.spec.nodeName === name && !isBoundToNode(pod));
    if (movable.some((pod) => isBlocking(pod, state.budgets, settings))) return [];
    return haveRoomElsewhere(movable, node, state) ? [{ name, instanceId, pods: movable }] : [];
  });
}

function utilizationOf(node: Node, pods: readonly Pod[]): number {
  const requested = requestedOn(node, pods);
  const { cpu = '1', memory = '1' } = node.status?.allocatable ?? {};
  return Math.max(requested.cpu / quantity(cpu), requested.memory / quantity(memory));
}

function haveRoomElsewhere(movable: readonly Pod[], node: Node, { nodes, pods }: ClusterState): boolean {
  const { name } = node.metadata;
  const others = nodes.filter((other) => other.metadata.name !== name && isUsable(other));
  const simulation = new Simulation(
    others,
    pods.filter((pod) => pod.spec.nodeName !== name),
  );
  return movable.every((pod) => simulation.place(pod));
}

/** FAQ: "What types of pods can prevent CA from removing a node?" */
function isBlocking(
  pod: Pod,
  budgets: readonly PodDisruptionBudget[],
  { skipNodesWithLocalStorage, skipNodesWithSystemPods }: AutoscalerSettings,
): boolean {
  const { namespace, annotations = {}, labels } = pod.metadata;
  const isSafe = annotations['cluster-autoscaler.kubernetes.io/safe-to-evict'];
  if (isSafe === 'false') return true;
  const own = budgets.filter(
    ({ metadata, spec }) => metadata.namespace === namespace && matchesSelector(spec.selector, labels),
  );
  if (own.some(({ status }) => (status?.disruptionsAllowed ?? 0) < 1)) return true;
  if (isSafe === 'true') return false;
  if (controllerOf(pod) === undefined) return true;
  const hasLocalStorage = (pod.spec.volumes ?? []).some(({ emptyDir, hostPath }) => emptyDir || hostPath);
  if (skipNodesWithLocalStorage && hasLocalStorage) return true;
  return skipNodesWithSystemPods && namespace === 'kube-system' && own.length === 0;
}
