/** What metrics-server gathers from the kubelets: how much CPU and memory each container used in the last window. */
import type { TwinContext } from '#local/contracts/context.ts';
import { type ProcessUsage, usageOfGroups } from './process-usage.ts';

export interface ContainerUsage {
  readonly container: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export interface PodUsage {
  /** End of the window. */
  readonly at: Date;
  readonly windowSeconds: number;
  readonly containers: readonly ContainerUsage[];
}

/** --metric-resolution of metrics-server. */
const resolutionSeconds = 15;
/** CPU time comes in hundredths of a second: a shorter window would tell little. */
const shortestWindowMilliseconds = 500;

interface Tracked {
  readonly podUid: string;
  readonly container: string;
  readonly group: number;
  /** The last two looks. */
  samples: readonly { readonly atMilliseconds: number; readonly usage: ProcessUsage }[];
}

export class ContainerMetrics {
  readonly windowMilliseconds: number;
  readonly #tracked = new Set<Tracked>();
  readonly #timer: NodeJS.Timeout;

  constructor({ time }: Pick<TwinContext, 'time'>) {
    this.windowMilliseconds = Math.max(shortestWindowMilliseconds, time.milliseconds(resolutionSeconds));
    this.#timer = setInterval(() => this.#sample(), this.windowMilliseconds);
    this.#timer.unref();
  }

  /** @param group process group id of a container that has started. @returns to be called when it has ended */
  track(podUid: string, container: string, group: number): () => void {
    const tracked: Tracked = { podUid, container, group, samples: [] };
    this.#tracked.add(tracked);
    this.#look([tracked]);
    return () => this.#tracked.delete(tracked);
  }

  /** undefined until every running container of the pod has been looked at twice, and for simulated pods. */
  ofPod(podUid: string): PodUsage | undefined {
    const own = [...this.#tracked].filter((tracked) => tracked.podUid === podUid);
    const usages = own.map(usageOf);
    if (usages.length === 0 || usages.includes(undefined)) return undefined;
    const known = usages.filter((usage) => usage !== undefined);
    return {
      at: new Date(Math.max(...known.map(({ atMilliseconds }) => atMilliseconds))),
      windowSeconds: Math.max(...known.map(({ windowSeconds }) => windowSeconds)),
      containers: known.map(({ container, cpuCores, memoryBytes }) => ({ container, cpuCores, memoryBytes })),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    this.#look([...this.#tracked]);
  }

  #look(tracked: readonly Tracked[]): void {
    const found = usageOfGroups(new Set(tracked.map(({ group }) => group)));
    const atMilliseconds = Date.now();
    for (const one of tracked) {
      const usage = found.get(one.group);
      const previous = one.samples.at(-1)?.atMilliseconds ?? 0;
      // Right after a container's start a look comes too early to say anything.
      if (usage && atMilliseconds - previous >= this.windowMilliseconds / 2)
        one.samples = [...one.samples.slice(-1), { atMilliseconds, usage }];
    }
  }
}

function usageOf({ container, samples }: Tracked) {
  const [first, last] = samples;
  if (first === undefined || last === undefined || last.atMilliseconds <= first.atMilliseconds) return undefined;
  const windowSeconds = (last.atMilliseconds - first.atMilliseconds) / 1000;
  return {
    container,
    atMilliseconds: last.atMilliseconds,
    windowSeconds,
    cpuCores: Math.max(0, last.usage.cpuSeconds - first.usage.cpuSeconds) / windowSeconds,
    memoryBytes: last.usage.residentBytes,
  };
}
