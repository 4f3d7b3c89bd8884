/** CPU and memory per container over the last window, from the cumulative counters that kubelets report. */
import type { ContainerStats } from '../client/container-stats.ts';

export interface ContainerUsage {
  readonly container: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export interface PodUsage {
  /** End of the window. */
  readonly measuredAt: Date;
  readonly windowSeconds: number;
  readonly containers: readonly ContainerUsage[];
}

interface Sample {
  readonly atMilliseconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

interface Window {
  readonly podUid: string;
  readonly container: string;
  readonly start: Sample;
  /** undefined until a container has run for at least half a window. */
  readonly end: Sample | undefined;
}

export class UsageWindows {
  readonly #minWindowMilliseconds: number;
  #windows: ReadonlyMap<string, Window> = new Map();

  constructor(scrapeIntervalMilliseconds: number) {
    this.#minWindowMilliseconds = scrapeIntervalMilliseconds / 2;
  }

  /** Takes in what a scrape found. Containers that it did not find are forgotten. */
  add(stats: readonly ContainerStats[]): void {
    this.#windows = new Map(
      stats.map((container) => {
        const key = [container.podUid, container.container, container.startedAtMilliseconds].join('/');
        return [key, this.#extend(this.#windows.get(key), container)];
      }),
    );
  }

  /** undefined while one of the pod's containers has no window yet, and for pods without processes. */
  ofPod(podUid: string): PodUsage | undefined {
    const windows = [...this.#windows.values()].filter((window) => window.podUid === podUid);
    const measured = windows.flatMap(({ container, start, end }) => (end ? [{ container, start, end }] : []));
    if (measured.length === 0 || measured.length < windows.length) return undefined;
    return {
      measuredAt: new Date(Math.max(...measured.map(({ end }) => end.atMilliseconds))),
      windowSeconds: Math.max(...measured.map(secondsOf)),
      containers: measured.map((window) => ({
        container: window.container,
        cpuCores: Math.max(0, window.end.cpuSeconds - window.start.cpuSeconds) / secondsOf(window),
        memoryBytes: window.end.residentBytes,
      })),
    };
  }

  #extend(known: Window | undefined, stats: ContainerStats): Window {
    const { podUid, container, startedAtMilliseconds, measuredAtMilliseconds, cpuSeconds, residentBytes } = stats;
    // A container's first window begins with its start, when it had used nothing.
    const started: Sample = { atMilliseconds: startedAtMilliseconds, cpuSeconds: 0, residentBytes: 0 };
    const latest = known?.end ?? started;
    if (measuredAtMilliseconds - latest.atMilliseconds < this.#minWindowMilliseconds) {
      return known ?? { podUid, container, start: started, end: undefined };
    }
    return {
      podUid,
      container,
      start: latest,
      end: { atMilliseconds: measuredAtMilliseconds, cpuSeconds, residentBytes },
    };
  }
}

function secondsOf({ start, end }: { readonly start: Sample; readonly end: Sample }): number {
  return (end.atMilliseconds - start.atMilliseconds) / 1000;
}
