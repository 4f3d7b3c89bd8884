/** Simulated placement: which pods find room on which nodes. */
import type { Node, Pod } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import { unfitReason } from '../scheduler/fit.ts';

/** Pods that take room of a node. */
export function placedPods(pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => pod.spec.nodeName && !isPodFinished(pod));
}

/** Pods that run on every node: of a DaemonSet, or a kubelet's own static ones. */
export function isBoundToNode(pod: Pod): boolean {
  const kind = controllerOf(pod)?.kind;
  return kind === 'DaemonSet' || kind === 'Node';
}

export const assignedTo = (pod: Pod, nodeName: string): Pod => ({ ...pod, spec: { ...pod.spec, nodeName } });

/** A cluster on paper, in which pods can be placed. */
export class Simulation {
  readonly #nodes: Node[];
  readonly #pods: Pod[];

  constructor(nodes: readonly Node[], pods: readonly Pod[]) {
    this.#nodes = [...nodes];
    this.#pods = [...placedPods(pods)];
  }

  addNode(node: Node, pods: readonly Pod[]): void {
    this.#nodes.push(node);
    this.#pods.push(...pods);
  }

  /** Places the pod on the first node that can take it. @returns whether there is one */
  place(pod: Pod): boolean {
    const node = this.#nodes.find((candidate) => this.#fits(pod, candidate));
    if (node === undefined) return false;
    this.#pods.push(assignedTo(pod, node.metadata.name));
    return true;
  }

  #fits(pod: Pod, node: Node): boolean {
    return unfitReason(pod, node, this.#nodes, this.#pods) === undefined;
  }
}
