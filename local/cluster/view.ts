/** The cluster as the page and the terminal show it. */
import type { NodeIdentity } from '../contracts/cluster.ts';
import type { ClusterView, NodeView, PodView } from '../contracts/views.ts';
import { types } from './apimachinery/builtin-types.ts';
import { conditionOf, isPodReady, type KubeObject } from './apimachinery/object.ts';
import { podReason, podRestarts } from './apiserver/printers/pod-summary.ts';
import { simulatedAnnotation } from './kubelet/simulated.ts';
import type { Objects } from './storage/objects.ts';

interface KnownNode {
  readonly identity: NodeIdentity;
  readonly registration: { readonly name: string };
}

export function viewOf(objects: Objects | undefined, known: readonly KnownNode[]): ClusterView {
  if (objects === undefined) return { nodes: [], pods: [] };
  return {
    nodes: objects.list(types.nodes).map((node) => nodeView(node, known)),
    pods: objects.list(types.pods).map(podView),
  };
}

function nodeView(node: KubeObject, known: readonly KnownNode[]): NodeView {
  const { name, labels } = node.metadata;
  const ready = conditionOf(node, 'Ready');
  const identity = known.find(({ registration }) => registration.name === name)?.identity;
  const isControlPlane = labels?.['node-role.kubernetes.io/control-plane'] !== undefined;
  return {
    name,
    instanceId: identity?.instanceId ?? node.spec.providerID?.split('/').at(-1) ?? '',
    role: isControlPlane ? 'control-plane' : 'worker',
    ready: ready?.status === 'True',
    ...(ready?.status !== 'True' && ready?.reason && { reason: ready.reason }),
    version: node.status?.nodeInfo?.kubeletVersion ?? '',
  };
}

function podView(pod: KubeObject): PodView {
  const phase = pod.metadata.deletionTimestamp ? 'Terminating' : (pod.status?.phase ?? 'Pending');
  const reason = podReason(pod);
  return {
    namespace: pod.metadata.namespace!,
    name: pod.metadata.name,
    ...(pod.spec.nodeName && { node: pod.spec.nodeName }),
    phase,
    ready: isPodReady(pod),
    restarts: podRestarts(pod),
    real: pod.metadata.annotations?.[simulatedAnnotation] !== 'true',
    ...(reason !== phase && { reason }),
  };
}
