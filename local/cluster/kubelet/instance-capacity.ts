/** What nodes report as capacity and allocatable, by instance type. */
import { sizeOf } from '#local/contracts/instance-sizes.ts';

/** kubeReserved and systemReserved of init-control-plane, and 100Mi for the kubelet's eviction threshold. */
const reservedMilliCpu = 200;
const reservedMebibytes = 612;
const maxPods = '110';

type Resources = Record<string, string>;

export function instanceCapacity(instanceType: string): { capacity: Resources; allocatable: Resources } {
  const { cpu, memoryMebibytes } = sizeOf(instanceType);
  return {
    capacity: { cpu: String(cpu), memory: `${memoryMebibytes}Mi`, pods: maxPods },
    allocatable: {
      cpu: `${cpu * 1000 - reservedMilliCpu}m`,
      memory: `${memoryMebibytes - reservedMebibytes}Mi`,
      pods: maxPods,
    },
  };
}
