/** What instances of EC2 have. */
export interface InstanceSize {
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

/** @param instanceType e.g. 't3.medium' */
export function sizeOf(instanceType: string): InstanceSize {
  return sizes[instanceType.split('.')[1] ?? ''] ?? defaultSize;
}
