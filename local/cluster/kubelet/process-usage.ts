/** CPU time and memory of process groups, from /proc. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** Of all processes that are or were in the group, since they started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Of it, what is backed by no file: what the kernel cannot take away without killing somebody. */
  readonly unreclaimableBytes: number;
}

/** USER_HZ, the unit in which the kernel reports CPU time: 100 on every architecture that the twin runs on. */
const ticksPerSecond = 100;
/** Positions behind the command name's closing bracket; the name itself may contain spaces and brackets. */
const position = { group: 2, userTime: 11, systemTime: 12, childrenUserTime: 13, childrenSystemTime: 14 } as const;

/** @param groups process group ids; groups without a process are missing in the result */
export function usageOfGroups(groups: ReadonlySet<number>): ReadonlyMap<number, ProcessUsage> {
  const usage = new Map<number, ProcessUsage>();
  if (groups.size === 0) return usage;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readIfExists(`/proc/${entry}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    const group = Number(fields?.[position.group]);
    if (fields === undefined || !groups.has(group)) continue;
    const { cpuSeconds = 0, residentBytes = 0, unreclaimableBytes = 0 } = usage.get(group) ?? {};
    const memory = memoryOf(entry);
    const { userTime, systemTime, childrenUserTime, childrenSystemTime } = position;
    const ticks = [userTime, systemTime, childrenUserTime, childrenSystemTime].map((at) => Number(fields[at]));
    usage.set(group, {
      cpuSeconds: cpuSeconds + ticks.reduce((sum, count) => sum + count, 0) / ticksPerSecond,
      residentBytes: residentBytes + memory.residentBytes,
      unreclaimableBytes: unreclaimableBytes + memory.unreclaimableBytes,
    });
  }
  return usage;
}

/** From status, because stat counts in pages, whose size differs between machines. */
function memoryOf(processId: string): Pick<ProcessUsage, 'residentBytes' | 'unreclaimableBytes'> {
  const status = readIfExists(`/proc/${processId}/status`) ?? '';
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { residentBytes: bytes('VmRSS'), unreclaimableBytes: bytes('RssAnon') + bytes('RssShmem') };
}

/** undefined when the process has ended meanwhile. */
function readIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
