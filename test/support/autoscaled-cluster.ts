/** Nodes and pods as the simulated cluster autoscaler reads them. */
import type { Node, Pod } from '#local/cluster/apimachinery/kinds.ts';
import type { NodeGroup } from '#local/cluster/cluster-autoscaler/node-groups.ts';

export const groupOf = (
  instances: readonly string[],
  sizes: Partial<Pick<NodeGroup, 'desired' | 'minimum' | 'maximum'>> = {},
): NodeGroup => ({
  name: 'workers',
  minimum: 0,
  maximum: 5,
  desired: instances.length,
  instanceIds: new Set(instances),
  instanceType: { name: 't3.medium', cpu: 2, memoryMebibytes: 4096 },
  ...sizes,
});

/** A ready node of an instance, with 1800m CPU. */
export const workerNode = (instanceId: string): Node =>
  ({
    metadata: { name: `node-of-${instanceId}`, labels: { 'kubernetes.io/hostname': `node-of-${instanceId}` } },
    spec: { providerID: `aws:///us-east-1a/${instanceId}` },
    status: {
      allocatable: { cpu: '1800m', memory: '3484Mi' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }) as unknown as Node;

/** A pod of a ReplicaSet. @param instanceId undefined: the scheduler has found no node */
export const podOn = (instanceId: string | undefined, cpu: string, more: PodDetails = {}): Pod =>
  ({
    metadata: {
      name: 'web',
      namespace: more.namespace ?? 'stepkube',
      labels: { app: 'web' },
      ...(more.annotations && { annotations: more.annotations }),
      ownerReferences: [{ kind: more.ownerKind ?? 'ReplicaSet', name: 'web', uid: 'web', controller: true }],
    },
    spec: {
      ...(instanceId && { nodeName: `node-of-${instanceId}` }),
      containers: [{ name: 'web', resources: { requests: { cpu } } }],
      ...(more.hasLocalStorage && { volumes: [{ name: 'scratch', emptyDir: {} }] }),
    },
    status: {
      conditions: instanceId ? [] : [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    },
  }) as unknown as Pod;

interface PodDetails {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerKind?: 'ReplicaSet' | 'DaemonSet';
  readonly hasLocalStorage?: boolean;
}
