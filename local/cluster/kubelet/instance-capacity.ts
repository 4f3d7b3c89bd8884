/** What nodes report as capacity and allocatable, by instance type. */
interface InstanceSize {
  readonly cpu: number;
  readonly memoryMebibytes: number;
}

/** Families of the same size differ a little, which the project's pods do not notice. */
const sizes: Readonly<Record<string, InstanceSize>> = {
  micro: { cpu: 2, memoryMebibytes: 1024 },
  small: { cpu: 2, memoryMebibytes: 2048 },
  medium: { cpu: 2, memoryMebibytes: 4096 },
  large: { cpu: 2, memoryMebibytes: 8192 },
  xlarge: { cpu: 4, memoryMebibytes: 16384 },
  '2xlarge': { cpu: 8, memoryMebibytes: 32768 },
};
const defaultSize: InstanceSize = { cpu: 2, memoryMebibytes: 4096 };

/** kubeReserved and systemReserved of init-control-plane, and 100Mi for the kubelet's eviction threshold. */
const reservedMilliCpu = 200;
const reservedMebibytes = 612;
const maxPods = '110';

type Resources = Record<string, string>;

export function instanceCapacity(instanceType: string): { capacity: Resources; allocatable: Resources } {
  const { cpu, memoryMebibytes } = sizes[instanceType.split('.')[1] ?? ''] ?? defaultSize;
  return {
    capacity: { cpu: String(cpu), memory: `${memoryMebibytes}Mi`, pods: maxPods },
    allocatable: {
      cpu: `${cpu * 1000 - reservedMilliCpu}m`,
      memory: `${memoryMebibytes - reservedMebibytes}Mi`,
      pods: maxPods,
    },
  };
}
