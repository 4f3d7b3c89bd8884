/** What a network load balancer takes for healthy: nodes, which it asks now and then whether they have a ready pod. */
import type { Target } from '../apimachinery/tcp-forwarder.ts';
import type { ServiceTarget } from '../client/service-targets.ts';

/**
 * The targets of one listener. A target that is not ready any more stays for as long as the health checks take to fail, and
 * whoever connects to it reaches whatever still listens there. If its node has another ready pod, it goes at once: the node
 * stays healthy, and kube-proxy there sends connections to ready pods only.
 */
export class HealthCheckedTargets {
  readonly #onChange: (targets: readonly Target[]) => void;
  #ready: readonly ServiceTarget[] = [];
  readonly #failing = new Map<ServiceTarget, NodeJS.Timeout>();

  constructor(onChange: (targets: readonly Target[]) => void) {
    this.#onChange = onChange;
  }

  /** @param failSeconds how long health checks take to notice that a node has no ready pod */
  update(ready: readonly ServiceTarget[], failSeconds: number): void {
    const lost = this.#ready.filter((target) => !ready.some((other) => isSame(target, other)));
    this.#ready = ready;
    for (const target of lost) {
      this.#failing.set(
        target,
        setTimeout(() => this.#drop(target), failSeconds * 1000),
      );
    }
    for (const target of this.#failing.keys()) {
      const isServed = ready.some((other) => isSame(target, other) || other.nodeName === target.nodeName);
      if (isServed) this.#forget(target);
    }
    this.#announce();
  }

  close(): void {
    for (const target of this.#failing.keys()) this.#forget(target);
  }

  #drop(target: ServiceTarget): void {
    this.#forget(target);
    this.#announce();
  }

  #forget(target: ServiceTarget): void {
    clearTimeout(this.#failing.get(target));
    this.#failing.delete(target);
  }

  #announce(): void {
    this.#onChange([...this.#ready, ...this.#failing.keys()]);
  }
}

function isSame(one: Target, other: Target): boolean {
  return one.host === other.host && one.port === other.port;
}
