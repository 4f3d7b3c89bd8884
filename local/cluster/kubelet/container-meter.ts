/** Measures running containers, as cAdvisor does inside a kubelet. */
import type { ContainerStats } from '../client/container-stats.ts';
import { usageOfGroups } from './process-usage.ts';

interface MeteredContainer {
  readonly podUid: string;
  readonly container: string;
  readonly processGroup: number;
  readonly startedAtMilliseconds: number;
}

export class ContainerMeter {
  readonly #containers = new Set<MeteredContainer>();

  /** Call when a container has started. @returns what to call when it has ended */
  start(podUid: string, container: string, processGroup: number): () => void {
    const metered = { podUid, container, processGroup, startedAtMilliseconds: Date.now() };
    this.#containers.add(metered);
    return () => this.#containers.delete(metered);
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
}
