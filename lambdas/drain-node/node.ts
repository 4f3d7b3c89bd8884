/** The node of an instance: found by its provider id, taken out of service and put back. */
import type { CoreV1Api, V1Node } from '@kubernetes/client-node';
import { drainTaintKey } from '../shared/cluster/drain-taint.ts';
import { callKubernetes, statusOf } from '../shared/cluster/kubernetes.ts';

export interface NodeCalls {
  readonly api: CoreV1Api;
  readonly server: string;
}

const maxConflicts = 5;

/** @returns undefined: the instance is no node (any more). @throws ClusterUnreachableError */
export async function findNode({ api, server }: NodeCalls, instanceId: string): Promise<V1Node | undefined> {
  const { items } = await callKubernetes(server, () => api.listNode());
  return items.find(({ spec }) => spec?.providerID?.endsWith(`/${instanceId}`) === true);
}

/** Whether its kubelet has stopped reporting. */
export const isSilent = ({ status }: V1Node): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown') === true;

/** Cordons first, so that nothing more is scheduled, then taints with the drain's id. Changes nothing the second time. */
export async function takeOutOfService(calls: NodeCalls, name: string, drainId: string): Promise<void> {
  await change(calls, name, (node) => {
    if (node.spec?.unschedulable === true) return false;
    node.spec = { ...node.spec, unschedulable: true };
    return true;
  });
  await change(calls, name, (node) => {
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key }) => key === drainTaintKey)) return false;
    node.spec = { ...node.spec, taints: [...taints, { key: drainTaintKey, value: drainId, effect: 'NoSchedule' }] };
    return true;
  });
}

/** After a drain that was cancelled. */
export async function putBackIntoService(calls: NodeCalls, name: string): Promise<void> {
  await change(calls, name, (node) => {
    const { unschedulable, taints = [], ...spec } = node.spec ?? {};
    const isDraining = taints.some(({ key }) => key === drainTaintKey);
    if (unschedulable !== true && !isDraining) return false;
    const others = taints.filter(
      ({ key }) => key !== drainTaintKey && !(unschedulable && key === 'node.kubernetes.io/unschedulable'),
    );
    node.spec = { ...spec, ...(others.length > 0 && { taints: others }) };
    return true;
  });
}

/**
 * Reads, changes and writes a node; somebody else's write in between makes it read again.
 * @param edit returns false when there is nothing to change
 */
async function change({ api, server }: NodeCalls, name: string, edit: (node: V1Node) => boolean): Promise<void> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      const node = await callKubernetes(server, () => api.readNode({ name }));
      if (edit(node)) await callKubernetes(server, () => api.replaceNode({ name, body: node }));
      return;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return;
      if (status !== 409 || conflicts === maxConflicts) throw error;
    }
  }
}
