/**
 * The loopback addresses of Services and the listeners of their ports. Each pod that calls a Service gets an address of its own for it,
 * so that it is known who calls.
 */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import { startTcpForwarder, type Target, type TcpForwarder } from '../apimachinery/tcp-forwarder.ts';
import type { ServicePortTargets, ServiceTarget } from '../client/service-targets.ts';

interface ServiceAddress {
  readonly address: string;
  /** undefined: of callers outside of the cluster. */
  readonly source: Pod | undefined;
  readonly forwarders: Map<number, TcpForwarder>;
}

interface ListenedService {
  ports: readonly ServicePortTargets[];
  /** By the uid of the calling pod; '' for callers outside of the cluster. */
  readonly addresses: Map<string, ServiceAddress>;
}

export interface ServiceListenersOptions {
  readonly network: LoopbackNetwork;
  /** Whether a pod may call one of a Service's pods. */
  readonly admits: (source: Pod, target: ServiceTarget) => boolean;
  /** Whether a pod gets an answer when it looks up a name; takes as long as that does. */
  readonly lookUp: (source: Pod) => Promise<boolean>;
}

/** Only root may listen on ports below. */
const minUnprivilegedPort = 1024;
/** Lower ports are moved by this much, which is above the ports that systems give to outgoing connections. */
const privilegedPortOffset = 61_000;

export class ServiceListeners {
  readonly #options: ServiceListenersOptions;
  readonly #services = new Map<string, ListenedService>();
  readonly #freeAddresses: string[] = [];
  readonly #closing = new Set<Promise<void>>();

  constructor(options: ServiceListenersOptions) {
    this.#options = options;
  }

  /** Listens on exactly these ports of a Service; none of them: it keeps its addresses. */
  update(namespace: string, name: string, ports: readonly ServicePortTargets[]): void {
    const service = this.#service(namespace, name);
    service.ports = ports;
    for (const address of service.addresses.values()) this.#listen(address, ports);
  }

  /** Where a Service's port is reached; the address of a caller stays the same for as long as the caller exists. */
  locate(namespace: string, name: string, port: number, source?: Pod): Target {
    const service = this.#service(namespace, name);
    const uid = source?.metadata.uid ?? '';
    const known = service.addresses.get(uid);
    if (known !== undefined) return { host: known.address, port: unprivileged(port) };
    const address = this.#freeAddresses.shift() ?? this.#options.network.serviceAddress();
    const added: ServiceAddress = { address, source, forwarders: new Map() };
    service.addresses.set(uid, added);
    this.#listen(added, service.ports);
    return { host: address, port: unprivileged(port) };
  }

  /** A pod is gone: its addresses may be given to another one. */
  removeSource(uid: string): void {
    for (const { addresses } of this.#services.values()) {
      const address = addresses.get(uid);
      if (address === undefined) continue;
      addresses.delete(uid);
      this.#listen(address, []);
      this.#freeAddresses.push(address.address);
    }
  }

  async close(): Promise<void> {
    for (const { addresses } of this.#services.values())
      for (const address of addresses.values()) this.#listen(address, []);
    await Promise.all(this.#closing);
  }

  #service(namespace: string, name: string): ListenedService {
    const id = `${namespace}/${name}`;
    const service = this.#services.get(id) ?? { ports: [], addresses: new Map() };
    this.#services.set(id, service);
    return service;
  }

  #listen({ address, source, forwarders }: ServiceAddress, ports: readonly ServicePortTargets[]): void {
    const admits = (target: ServiceTarget) => source === undefined || this.#options.admits(source, target);
    for (const { port, targets } of ports) {
      const lookUp = source && { admits: () => this.#options.lookUp(source) };
      const forwarder = forwarders.get(port) ?? startTcpForwarder(address, unprivileged(port), lookUp);
      forwarders.set(port, forwarder);
      forwarder.setTargets(targets.map((target) => ({ ...target, admits: () => admits(target) })));
    }
    for (const [port, forwarder] of forwarders) {
      if (ports.some((other) => other.port === port)) continue;
      forwarders.delete(port);
      const closed = forwarder.close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }
}

function unprivileged(port: number): number {
  return port < minUnprivilegedPort ? privilegedPortOffset + port : port;
}
