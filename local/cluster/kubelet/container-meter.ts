/**
 * Measures running containers, as cAdvisor does inside a kubelet, and ends those that pass their memory limit, as the kernel does for
 * their cgroups. The kernel sees each page; here is a look every second.
 */
import type { ContainerStats } from '../client/container-stats.ts';
import { usageOfGroups } from './process-usage.ts';

export interface MemoryLimit {
  readonly bytes: number;
  /** Called once, when the container has passed it. */
  readonly onExceeded: () => void;
}

interface MeteredContainer {
  readonly podUid: string;
  readonly container: string;
  readonly processGroup: number;
  readonly startedAtMilliseconds: number;
  memoryLimit: MemoryLimit | undefined;
}

const lookEveryMilliseconds = 1000;

export class ContainerMeter {
  readonly #containers = new Set<MeteredContainer>();
  #timer: NodeJS.Timeout | undefined;

  /** Call when a container has started. @returns what to call when it has ended */
  start(podUid: string, container: string, processGroup: number, memoryLimit?: MemoryLimit): () => void {
    const metered = { podUid, container, processGroup, startedAtMilliseconds: Date.now(), memoryLimit };
    this.#containers.add(metered);
    this.#watchMemory();
    return () => {
      this.#containers.delete(metered);
      this.#watchMemory();
    };
  }

  /** What the running containers have used until now. */
  read(): readonly ContainerStats[] {
    const containers = [...this.#containers];
    const usages = usageOfGroups(new Set(containers.map(({ processGroup }) => processGroup)));
    const measuredAtMilliseconds = Date.now();
    return containers.flatMap(({ podUid, container, processGroup, startedAtMilliseconds }) => {
      const usage = usages.get(processGroup);
      return usage ? [{ podUid, container, startedAtMilliseconds, measuredAtMilliseconds, ...usage }] : [];
    });
  }

  #watchMemory(): void {
    const isNeeded = [...this.#containers].some(({ memoryLimit }) => memoryLimit !== undefined);
    if (isNeeded) this.#timer ??= setInterval(() => this.#look(), lookEveryMilliseconds).unref();
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #look(): void {
    const limited = [...this.#containers].filter(({ memoryLimit }) => memoryLimit !== undefined);
    const usages = usageOfGroups(new Set(limited.map(({ processGroup }) => processGroup)));
    for (const metered of limited) {
      const { memoryLimit, processGroup } = metered;
      if (memoryLimit === undefined || (usages.get(processGroup)?.unreclaimableBytes ?? 0) <= memoryLimit.bytes)
        continue;
      metered.memoryLimit = undefined;
      memoryLimit.onExceeded();
    }
  }
}
