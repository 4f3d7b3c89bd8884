/** Network load balancers of AWS: TCP listeners of the twin that forward connections to pods in turn. */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import { startTcpForwarder, type Target, type TcpForwarder } from '../apimachinery/tcp-forwarder.ts';
import type { ServicePortTargets } from '../client/service-targets.ts';
import { HealthCheckedTargets } from './health-checked-targets.ts';

interface Listener {
  readonly forwarder: TcpForwarder;
  readonly targets: HealthCheckedTargets;
}

interface LoadBalancer {
  readonly address: string;
  /** By the port that clients connect to. */
  readonly listeners: Map<number, Listener>;
}

/** Only root may listen on low ports, so every listener takes a free one; `resolve` tells which. */
const anyPort = 0;

export class LoadBalancers {
  readonly #network: LoopbackNetwork;
  readonly #onListening: () => void;
  readonly #loadBalancers = new Map<string, LoadBalancer>();
  readonly #closing = new Set<Promise<void>>();

  constructor(network: LoopbackNetwork, onListening: () => void) {
    this.#network = network;
    this.#onListening = onListening;
  }

  /**
   * Creates the load balancer if there is none, and listens on exactly these ports.
   * @param healthCheckFailSeconds how long a target is used that is not ready any more; 0: not at all
   */
  update(id: string, ports: readonly ServicePortTargets[], healthCheckFailSeconds: number): void {
    const loadBalancer = this.#loadBalancers.get(id) ?? {
      address: this.#network.loadBalancerAddress(),
      listeners: new Map(),
    };
    this.#loadBalancers.set(id, loadBalancer);
    const { address, listeners } = loadBalancer;
    for (const { port, targets } of ports) {
      const listener = listeners.get(port) ?? this.#listen(address, healthCheckFailSeconds > 0);
      listeners.set(port, listener);
      listener.targets.update(targets, healthCheckFailSeconds);
    }
    for (const [port, listener] of listeners) {
      if (ports.some((other) => other.port === port)) continue;
      listeners.delete(port);
      this.#close(listener);
    }
  }

  remove(id: string): void {
    for (const listener of this.#loadBalancers.get(id)?.listeners.values() ?? []) this.#close(listener);
    this.#loadBalancers.delete(id);
  }

  /** Where a load balancer with this port listens; undefined while there is none. */
  resolve(port: number): Target | undefined {
    for (const { address, listeners } of this.#loadBalancers.values()) {
      const listeningPort = listeners.get(port)?.forwarder.port();
      if (listeningPort !== undefined) return { host: address, port: listeningPort };
    }
    return undefined;
  }

  async close(): Promise<void> {
    for (const id of [...this.#loadBalancers.keys()]) this.remove(id);
    await Promise.all(this.#closing);
  }

  /** @param once whether a connection that its target refuses is lost, as behind a load balancer that knows nodes only. */
  #listen(address: string, once: boolean): Listener {
    const forwarder = startTcpForwarder(address, anyPort, { onListening: this.#onListening });
    const targets = new HealthCheckedTargets((all) => forwarder.setTargets(all, once ? 1 : all.length));
    return { forwarder, targets };
  }

  #close({ forwarder, targets }: Listener): void {
    targets.close();
    const closed = forwarder.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
