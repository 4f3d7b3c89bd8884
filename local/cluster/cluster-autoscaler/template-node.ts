/** How the next node of a group would look. */
import type { Node, Pod } from '../apimachinery/kinds.ts';
import { instanceIdOf } from './kubernetes.ts';
import type { NodeGroup } from './node-groups.ts';
import { assignedTo, isBoundToNode, placedPods } from './placement.ts';

export interface TemplateNode {
  readonly node: Node;
  /** Those that run on each node of the group. */
  readonly pods: readonly Pod[];
}

/** @returns a function that makes one more node, each with a name of its own */
export function templateOf(group: NodeGroup, nodes: readonly Node[], pods: readonly Pod[]): () => TemplateNode {
  const sample = nodes.find((node) => group.instanceIds.has(instanceIdOf(node) ?? ''));
  const bound = placedPods(pods).filter((pod) => pod.spec.nodeName === sample?.metadata.name && isBoundToNode(pod));
  const base = sample ?? emptyNode(group);
  let made = 0;
  return () => {
    made += 1;
    const name = `template-node-for-${group.name}-${made}`;
    const labels = { ...base.metadata.labels, 'kubernetes.io/hostname': name };
    const node: Node = { ...base, metadata: { ...base.metadata, name, labels }, spec: {} };
    return { node, pods: bound.map((pod) => assignedTo(pod, name)) };
  };
}

/** What is known of a group that has no node yet: its instance type. */
function emptyNode({ instanceType: { name, cpu, memoryMebibytes } }: NodeGroup): Node {
  const capacity = { cpu: String(cpu), memory: `${memoryMebibytes}Mi`, pods: '110' };
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': name,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '', labels },
    spec: {},
    status: { capacity, allocatable: capacity },
  };
}
