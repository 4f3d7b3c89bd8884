/** Registers a node and keeps its heartbeat and Ready condition. */
import type { NodeIdentity } from '#local/contracts/cluster.ts';
import { instanceIdAnnotation, instanceTypeAnnotation, zoneAnnotation } from '../apimachinery/annotations.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, withCondition } from '../apimachinery/conditions.ts';
import type { Node } from '../apimachinery/kinds.ts';
import { nodeLeaseNamespace } from '../apimachinery/node-lease.ts';
import { uninitializedTaint } from '../apimachinery/node-registration.ts';
import type { Client } from '../client/client.ts';
import { instanceCapacity } from './instance-capacity.ts';
import type { KubeletOptions } from './kubelet-dependencies.ts';

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/** Creates the Node object, unless the node has registered before. */
export function registerNode({ client, context, node, registration, isControlPlane }: KubeletOptions): void {
  const { name, hasExternalCloudProvider } = registration;
  if (client.find(types.nodes, undefined, name)) return;
  const taints = [
    ...registration.taints,
    ...(hasExternalCloudProvider ? [{ key: uninitializedTaint, value: 'true', effect: 'NoSchedule' }] : []),
  ];
  client.create(types.nodes, {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(isControlPlane && { 'node-role.kubernetes.io/control-plane': '' }),
        ...registration.labels,
      },
      annotations: {
        [instanceIdAnnotation]: node.instanceId,
        [instanceTypeAnnotation]: node.instanceType,
        [zoneAnnotation]: node.availabilityZone,
      },
    },
    spec: taints.length > 0 ? { taints } : {},
    status: {
      ...instanceCapacity(node.instanceType),
      addresses: [
        { type: 'InternalIP', address: node.privateIp },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: nodeInfo(node),
      conditions: initialConditions(context.time.now()),
    },
  });
}

function nodeInfo({ software }: NodeIdentity): NonNullable<NonNullable<Node['status']>['nodeInfo']> {
  return {
    kubeletVersion: software.kubeletVersion,
    containerRuntimeVersion: `containerd://${software.containerdVersion}`,
    osImage: software.osImage,
    kernelVersion: software.kernelVersion,
    operatingSystem: 'linux',
    architecture: 'amd64',
    kubeProxyVersion: '',
    machineID: '',
    systemUUID: '',
    bootID: '',
  };
}

function initialConditions(now: number): NodeCondition[] {
  const conditions = [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: '' },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: '' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: '' },
    networkNotReady,
  ];
  return conditions.reduce<NodeCondition[]>((all, condition) => withCondition(all, condition, now), []);
}

const networkNotReady = {
  type: 'Ready',
  status: 'False',
  reason: 'KubeletNotReady',
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
};

const kubeletReady = {
  type: 'Ready',
  status: 'True',
  reason: 'KubeletReady',
  message: 'kubelet is posting ready status',
};

interface Heartbeat {
  readonly isNetworkReady: boolean;
  /** Unix milliseconds of the twin's clock: functions ask how long a node has not been Ready. */
  readonly now: number;
}

/** Renews the node's Lease and, when it has changed, its Ready condition. */
export function sendHeartbeat(client: Client, nodeName: string, { isNetworkReady, now }: Heartbeat): void {
  const node = client.find(types.nodes, undefined, nodeName);
  if (!node) return;
  renewLease(client, node);
  const ready = isNetworkReady ? kubeletReady : networkNotReady;
  const current = conditionOf(node, 'Ready');
  if (current?.status === ready.status && current.reason === ready.reason) return;
  client.update(types.nodes, undefined, nodeName, (draft) => {
    draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, ready, now) };
  });
}

const leaseDurationSeconds = 40;

function renewLease(client: Client, { metadata: { name, uid } }: Node): void {
  // MicroTime: the milliseconds that JavaScript knows, written as microseconds.
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const renewed = client.updateIfExists(types.leases, nodeLeaseNamespace, name, ({ spec }) => {
    spec.renewTime = renewTime;
  });
  if (renewed) return;
  client.create(types.leases, {
    metadata: {
      name,
      namespace: nodeLeaseNamespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
  });
}
