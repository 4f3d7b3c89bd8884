/** How many nodes the pods want that find no room. */
import { conditionOf } from '../apimachinery/conditions.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import { type ClusterState, instanceIdOf, isUsable } from './kubernetes.ts';
import type { NodeGroup } from './node-groups.ts';
import { Simulation } from './placement.ts';
import { templateOf } from './template-node.ts';

/** Pods of which the scheduler has said that no node can take them. */
function unschedulablePods(pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => {
    const { status, reason } = conditionOf(pod, 'PodScheduled') ?? {};
    return !pod.spec.nodeName && !pod.metadata.deletionTimestamp && status === 'False' && reason === 'Unschedulable';
  });
}

/** @returns the nodes to add: 0 when what is there or on its way has room, or when another node would not help either */
export function nodesToAdd(group: NodeGroup, { nodes, pods }: ClusterState): number {
  const pending = unschedulablePods(pods);
  if (pending.length === 0) return 0;
  const usable = nodes.filter(isUsable);
  const simulation = new Simulation(usable, pods);
  const nextNode = templateOf(group, nodes, pods);
  const addNode = () => {
    const { node, pods: bound } = nextNode();
    simulation.addNode(node, bound);
  };
  const registered = usable.filter((node) => group.instanceIds.has(instanceIdOf(node) ?? '')).length;
  for (let upcoming = registered; upcoming < group.desired; upcoming += 1) addNode();

  let added = 0;
  for (const pod of pending) {
    if (simulation.place(pod) || group.desired + added >= group.maximum || !fitsAlone(pod, nextNode())) continue;
    addNode();
    added += 1;
    simulation.place(pod);
  }
  return added;
}

/** Whether an empty node of the group could take the pod: otherwise nodes would be added for ever. */
function fitsAlone(pod: Pod, { node, pods }: ReturnType<ReturnType<typeof templateOf>>): boolean {
  return new Simulation([node], pods).place(pod);
}
