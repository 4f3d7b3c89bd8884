import { readFile } from 'node:fs/promises';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { parse } from 'yaml';

export interface Memory {
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** Of a process and its children, in bytes. The sum of peaks, which may lie at different times, is the most it can have been. */
export async function memoryOfTree(pid: number): Promise<Memory> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean);
  const all = await Promise.all([pid, ...children.map(Number)].map(memoryOf));
  return {
    residentBytes: all.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    peakBytes: all.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
  };
}

/** Current and peak resident memory of a process, in bytes. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { residentBytes: bytesOf('VmRSS'), peakBytes: bytesOf('VmHWM') };
}

/** The memory limit in a service's manifest, in bytes. */
export async function memoryLimitOf(service: string): Promise<number> {
  const deployment = projectPath('workloads', service, 'manifests/base/deployment.yaml');
  const { spec } = parse(await readFile(deployment, 'utf8'));
  const limit = String(spec.template.spec.containers[0].resources.limits.memory);
  const [, digits, unit] = /^(\d+)([MG])i$/.exec(limit) ?? [];
  if (digits === undefined) throw new Error(`${deployment}: the memory limit ${limit} is not in Mi or Gi`);
  return Number(digits) * (unit === 'G' ? 2 ** 30 : 2 ** 20);
}
