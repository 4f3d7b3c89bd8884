/** CPU time and memory of process groups, from /proc. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** Of all processes that are or were in the group, since they started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What the kernel counts CPU time in towards programs: always a hundredth of a second. */
const ticksPerSecond = 100;
/** Fields of stat, counted behind the command's closing bracket, which may itself hold anything. */
const field = { group: 2, userTime: 11, systemTime: 12, childrenUserTime: 13, childrenSystemTime: 14 } as const;

/** @param groups process group ids; those without a process are missing in the answer */
export function usageOfGroups(groups: ReadonlySet<number>): ReadonlyMap<number, ProcessUsage> {
  const usage = new Map<number, ProcessUsage>();
  if (groups.size === 0) return usage;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readIfThere(`/proc/${entry}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    const group = Number(fields?.[field.group]);
    if (fields === undefined || !groups.has(group)) continue;
    const { cpuSeconds = 0, residentBytes = 0 } = usage.get(group) ?? {};
    const { userTime, systemTime, childrenUserTime, childrenSystemTime } = field;
    const ticks = [userTime, systemTime, childrenUserTime, childrenSystemTime].map((at) => Number(fields[at]));
    usage.set(group, {
      cpuSeconds: cpuSeconds + ticks.reduce((sum, count) => sum + count, 0) / ticksPerSecond,
      residentBytes: residentBytes + residentBytesOf(entry),
    });
  }
  return usage;
}

/** In kilobytes whatever the page size is. */
function residentBytesOf(processId: string): number {
  const status = readIfThere(`/proc/${processId}/status`) ?? '';
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** undefined when the process has just ended. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
