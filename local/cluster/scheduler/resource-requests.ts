/** CPU and memory that pods request, and what they take of a node. */
import type { Node, Pod, PodSpec } from '../apimachinery/kinds.ts';
import { quantity } from '../apimachinery/quantity.ts';

export interface ResourceAmounts {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

export function requestsOf({ containers }: PodSpec): ResourceAmounts {
  const sum = (name: 'cpu' | 'memory'): number =>
    containers.reduce((total, { resources }) => total + quantity(resources?.requests?.[name] ?? 0), 0);
  return { cpu: sum('cpu'), memory: sum('memory') };
}

/** What the pods of a node request together. */
export function requestedOn({ metadata }: Node, pods: readonly Pod[]): ResourceAmounts {
  const requests = pods.filter(({ spec }) => spec.nodeName === metadata.name).map(({ spec }) => requestsOf(spec));
  return {
    cpu: requests.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: requests.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** The requested share of a node, from 0 to 1, as the mean of CPU and memory. */
export function requestedShare(node: Node, pods: readonly Pod[]): number {
  const requested = requestedOn(node, pods);
  const { cpu = '1', memory = '1' } = node.status?.allocatable ?? {};
  return (requested.cpu / quantity(cpu) + requested.memory / quantity(memory)) / 2;
}
