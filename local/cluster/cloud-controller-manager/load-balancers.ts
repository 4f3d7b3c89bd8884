/** Network load balancers of AWS: TCP listeners of the twin that forward connections to ready pods in turn. */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import { startTcpForwarder, type Target, type TcpForwarder } from '../apimachinery/tcp-forwarder.ts';
import type { ServicePortTargets } from '../client/service-targets.ts';

interface LoadBalancer {
  readonly address: string;
  /** By the port that clients connect to. */
  readonly forwarders: Map<number, TcpForwarder>;
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

  /** Creates the load balancer if there is none, and listens on exactly these ports. */
  update(id: string, ports: readonly ServicePortTargets[]): void {
    const loadBalancer = this.#loadBalancers.get(id) ?? {
      address: this.#network.loadBalancerAddress(),
      forwarders: new Map(),
    };
    this.#loadBalancers.set(id, loadBalancer);
    const { address, forwarders } = loadBalancer;
    for (const { port, targets } of ports) {
      const forwarder = forwarders.get(port) ?? startTcpForwarder(address, anyPort, this.#onListening);
      forwarders.set(port, forwarder);
      forwarder.setTargets(targets);
    }
    for (const [port, forwarder] of forwarders) {
      if (ports.some((other) => other.port === port)) continue;
      forwarders.delete(port);
      this.#close(forwarder);
    }
  }

  remove(id: string): void {
    for (const forwarder of this.#loadBalancers.get(id)?.forwarders.values() ?? []) this.#close(forwarder);
    this.#loadBalancers.delete(id);
  }

  /** Where a load balancer with this port listens; undefined while there is none. */
  resolve(port: number): Target | undefined {
    for (const { address, forwarders } of this.#loadBalancers.values()) {
      const listeningPort = forwarders.get(port)?.port();
      if (listeningPort !== undefined) return { host: address, port: listeningPort };
    }
    return undefined;
  }

  async close(): Promise<void> {
    for (const id of [...this.#loadBalancers.keys()]) this.remove(id);
    await Promise.all(this.#closing);
  }

  #close(forwarder: TcpForwarder): void {
    const closed = forwarder.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
