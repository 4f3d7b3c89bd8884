/** The loopback addresses of Services and the listeners of their ports. */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import { startTcpForwarder, type Target, type TcpForwarder } from '../apimachinery/tcp-forwarder.ts';
import type { ServicePortTargets } from '../client/service-targets.ts';

interface ServiceAddress {
  readonly address: string;
  readonly forwarders: Map<number, TcpForwarder>;
}

/** Only root may listen on ports below. */
const minUnprivilegedPort = 1024;
/** Lower ports are moved by this much, which is above the ports that systems give to outgoing connections. */
const privilegedPortOffset = 61_000;

export class ServiceListeners {
  readonly #network: LoopbackNetwork;
  readonly #services = new Map<string, ServiceAddress>();
  readonly #closing = new Set<Promise<void>>();

  constructor(network: LoopbackNetwork) {
    this.#network = network;
  }

  /** Listens on exactly these ports of a Service. */
  update(namespace: string, name: string, ports: readonly ServicePortTargets[]): void {
    const { address, forwarders } = this.#serviceAddress(namespace, name);
    for (const { port, targets } of ports) {
      const forwarder = forwarders.get(port) ?? startTcpForwarder(address, unprivileged(port));
      forwarders.set(port, forwarder);
      forwarder.setTargets(targets);
    }
    for (const port of [...forwarders.keys()]) {
      if (!ports.some((other) => other.port === port)) this.#close(forwarders, port);
    }
  }

  /** Stops listening for a Service; it keeps its address. */
  remove(namespace: string, name: string): void {
    const forwarders = this.#services.get(`${namespace}/${name}`)?.forwarders;
    if (forwarders) for (const port of [...forwarders.keys()]) this.#close(forwarders, port);
  }

  /** Where a Service's port is reached; the address stays the same for as long as the cluster runs. */
  locate(namespace: string, name: string, port: number): Target {
    return { host: this.#serviceAddress(namespace, name).address, port: unprivileged(port) };
  }

  async close(): Promise<void> {
    for (const { forwarders } of this.#services.values()) {
      for (const port of [...forwarders.keys()]) this.#close(forwarders, port);
    }
    await Promise.all(this.#closing);
  }

  #serviceAddress(namespace: string, name: string): ServiceAddress {
    const id = `${namespace}/${name}`;
    const known = this.#services.get(id) ?? { address: this.#network.serviceAddress(), forwarders: new Map() };
    this.#services.set(id, known);
    return known;
  }

  #close(forwarders: Map<number, TcpForwarder>, port: number): void {
    const closed = forwarders
      .get(port)!
      .close()
      .finally(() => this.#closing.delete(closed));
    forwarders.delete(port);
    this.#closing.add(closed);
  }
}

function unprivileged(port: number): number {
  return port < minUnprivilegedPort ? privilegedPortOffset + port : port;
}
