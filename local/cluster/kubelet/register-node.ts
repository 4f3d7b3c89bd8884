/** How a kubelet introduces its node. */
import type { NodeIdentity } from '#local/contracts/cluster.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { setCondition } from '../apimachinery/object.ts';
import { kubernetesVersion } from '../apiserver/non-resource-endpoints.ts';
import type { Registration } from '../kubeadm/config.ts';
import type { Objects } from '../storage/objects.ts';

interface NodeToRegister {
  readonly identity: NodeIdentity;
  readonly role: 'control-plane' | 'worker';
  readonly registration: Registration;
  readonly index: number;
}

export function registerNode(objects: Objects, node: NodeToRegister, podCidr: string): void {
  const { identity, role, registration, index } = node;
  if (objects.find(types.nodes, undefined, registration.name)) return;
  const capacity = capacityOf(identity.instanceType);
  const taints = [
    ...registration.taints,
    ...(registration.externalCloud
      ? [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }]
      : []),
  ];
  const nodeCidr = podCidr.replace(/\.\d+\.\d+\/\d+$/, `.${index}.0/24`);
  const created = objects.create(types.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: registration.name,
      labels: {
        'kubernetes.io/hostname': registration.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(role === 'control-plane' && { 'node-role.kubernetes.io/control-plane': '' }),
        ...registration.labels,
      },
      annotations: {
        'stepkube.dev/instance-id': identity.instanceId,
        'stepkube.dev/instance-type': identity.instanceType,
        'stepkube.dev/zone': identity.availabilityZone,
      },
    },
    spec: { podCIDR: nodeCidr, podCIDRs: [nodeCidr], ...(taints.length > 0 && { taints }) },
    status: {
      capacity: { cpu: String(capacity.cpu), memory: `${capacity.memoryMi}Mi`, pods: '110' },
      allocatable: { cpu: `${capacity.cpu * 1000 - 200}m`, memory: `${capacity.memoryMi - 612}Mi`, pods: '110' },
      addresses: [
        { type: 'InternalIP', address: identity.privateIp },
        { type: 'Hostname', address: registration.name },
      ],
      nodeInfo: {
        kubeletVersion: kubernetesVersion,
        kubeProxyVersion: '',
        osImage: 'Ubuntu 24.04 LTS (simulated)',
        operatingSystem: 'linux',
        architecture: 'amd64',
        kernelVersion: '6.14.0-aws',
        containerRuntimeVersion: 'containerd://2.3.0',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  });
  objects.update(types.nodes, undefined, created.metadata.name, (draft) => {
    const pressure = { status: 'False', reason: 'KubeletHasSufficientMemory', message: '' } as const;
    setCondition(draft, { type: 'MemoryPressure', ...pressure });
    setCondition(draft, { type: 'DiskPressure', ...pressure, reason: 'KubeletHasNoDiskPressure' });
    setCondition(draft, { type: 'PIDPressure', ...pressure, reason: 'KubeletHasSufficientPID' });
    setCondition(draft, networkMissing);
  });
}

export const networkMissing = {
  type: 'Ready',
  status: 'False',
  reason: 'KubeletNotReady',
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
} as const;

export const networkReady = {
  type: 'Ready',
  status: 'True',
  reason: 'KubeletReady',
  message: 'kubelet is posting ready status',
} as const;

const sizes: Readonly<Record<string, { cpu: number; memoryMi: number }>> = {
  micro: { cpu: 2, memoryMi: 1024 },
  small: { cpu: 2, memoryMi: 2048 },
  medium: { cpu: 2, memoryMi: 4096 },
  large: { cpu: 2, memoryMi: 8192 },
  xlarge: { cpu: 4, memoryMi: 16384 },
  '2xlarge': { cpu: 8, memoryMi: 32768 },
};

/** About what an instance type of the size has; families differ, which no pod of the twin notices. */
function capacityOf(instanceType: string): { cpu: number; memoryMi: number } {
  return sizes[instanceType.split('.')[1] ?? ''] ?? sizes['medium']!;
}
