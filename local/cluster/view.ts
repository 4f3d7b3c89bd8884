/** The cluster as the page and the terminal show it. */
import type { ClusterView, NodeView, PodView } from '../contracts/views.ts';
import { simulatedAnnotation } from './apimachinery/annotations.ts';
import { types } from './apimachinery/builtin-types.ts';
import { conditionOf } from './apimachinery/conditions.ts';
import type { Node, Pod } from './apimachinery/kinds.ts';
import { podRestartCount, podStatusReason } from './apimachinery/pod-summary.ts';
import { isPodReady } from './apimachinery/pods.ts';
import type { Client } from './client/client.ts';

/** @param instanceIdOf the instance of a node that has one now */
export function clusterView(client: Client, instanceIdOf: (nodeName: string) => string | undefined): ClusterView {
  return {
    nodes: client.list(types.nodes).map((node) => nodeView(node, instanceIdOf(node.metadata.name))),
    pods: client.list(types.pods).map(podView),
  };
}

function nodeView(node: Node, instanceId: string | undefined): NodeView {
  const { metadata, spec, status } = node;
  const ready = conditionOf(node, 'Ready');
  const isReady = ready?.status === 'True';
  const isControlPlane = metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined;
  return {
    name: metadata.name,
    instanceId: instanceId ?? spec.providerID?.split('/').at(-1) ?? '',
    role: isControlPlane ? 'control-plane' : 'worker',
    ready: isReady,
    ...(!isReady && ready?.reason && { reason: ready.reason }),
    version: status?.nodeInfo?.kubeletVersion ?? '',
  };
}

function podView(pod: Pod): PodView {
  const { metadata, spec, status } = pod;
  const phase = metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? 'Pending');
  const reason = podStatusReason(pod);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(spec.nodeName && { node: spec.nodeName }),
    phase,
    ready: isPodReady(pod),
    restarts: podRestartCount(pod),
    real: metadata.annotations?.[simulatedAnnotation] !== 'true',
    ...(reason !== phase && { reason }),
  };
}
