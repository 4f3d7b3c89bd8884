/** What kube-proxy does for cluster IPs: every Service has a loopback address where its ports lead to its ready pods. */
import type { TwinContext } from '#local/contracts/context.ts';
import type { BalancerPort } from '../cloud-controller-manager/load-balancers.ts';
import { type Listener, startListener, type Target } from './listener.ts';

export interface ServiceProxies {
  update(namespace: string, name: string, ports: readonly BalancerPort[]): void;
  remove(namespace: string, name: string): void;
  /** Where a port of a Service is reached, also before the Service is there: its address never changes. */
  locate(namespace: string, name: string, port: number): Target;
  stop(): Promise<void>;
}

interface Proxy {
  readonly address: string;
  readonly listeners: Map<number, Listener>;
}

/** Ports below belong to root on most systems. */
const firstFreePort = 1024;
/** Above the ports that systems give to outgoing connections. */
const lowPortsMovedTo = 61_000;

export function createServiceProxies({ network }: TwinContext): ServiceProxies {
  const proxies = new Map<string, Proxy>();
  const closing = new Set<Promise<void>>();
  const proxyOf = (namespace: string, name: string): Proxy => {
    const id = `${namespace}/${name}`;
    const proxy = proxies.get(id) ?? { address: network.serviceAddress(), listeners: new Map() };
    proxies.set(id, proxy);
    return proxy;
  };
  const close = (proxy: Proxy, port: number): void => {
    const closed = proxy.listeners
      .get(port)!
      .close()
      .finally(() => closing.delete(closed));
    proxy.listeners.delete(port);
    closing.add(closed);
  };
  const update: ServiceProxies['update'] = (namespace, name, ports) => {
    const proxy = proxyOf(namespace, name);
    for (const { port, targets } of ports) {
      const listener = proxy.listeners.get(port) ?? startListener(proxy.address, portOf(port));
      proxy.listeners.set(port, listener);
      listener.setTargets(targets);
    }
    for (const port of [...proxy.listeners.keys()]) {
      if (!ports.some((wanted) => wanted.port === port)) close(proxy, port);
    }
  };
  return {
    update,
    remove: (namespace, name) => {
      if (proxies.has(`${namespace}/${name}`)) update(namespace, name, []);
    },
    locate: (namespace, name, port) => ({ host: proxyOf(namespace, name).address, port: portOf(port) }),
    stop: async () => {
      for (const proxy of proxies.values()) for (const port of [...proxy.listeners.keys()]) close(proxy, port);
      await Promise.all(closing);
    },
  };
}

function portOf(port: number): number {
  return port < firstFreePort ? lowPortsMovedTo + port : port;
}
