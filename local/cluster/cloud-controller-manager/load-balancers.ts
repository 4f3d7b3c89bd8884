/** Network load balancers: real TCP listeners that pass connections to ready pods in turn. */
import type { TwinContext } from '#local/contracts/context.ts';
import { type Listener, startListener, type Target } from '../kube-proxy/listener.ts';

export interface BalancerPort {
  readonly port: number;
  readonly targets: readonly Target[];
}

export interface LoadBalancers {
  update(id: string, ports: readonly BalancerPort[]): void;
  remove(id: string): void;
  /** Where traffic to a load balancer's port goes. */
  resolve(port: number): { readonly host: string; readonly port: number } | undefined;
  stop(): Promise<void>;
}

/** Low ports belong to root on most systems. */
const anyPort = 0;

interface Balancer {
  readonly address: string;
  readonly listeners: Map<number, Listener>;
}

export function createLoadBalancers({ network, changed }: TwinContext): LoadBalancers {
  const balancers = new Map<string, Balancer>();
  const closing = new Set<Promise<void>>();
  const close = (listener: Listener): void => {
    const closed = listener.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const remove = (id: string): void => {
    for (const listener of balancers.get(id)?.listeners.values() ?? []) close(listener);
    balancers.delete(id);
  };
  return {
    update: (id, ports) => {
      const balancer = balancers.get(id) ?? { address: network.loadBalancerAddress(), listeners: new Map() };
      balancers.set(id, balancer);
      for (const { port, targets } of ports) {
        const listener = balancer.listeners.get(port) ?? startListener(balancer.address, anyPort, changed);
        balancer.listeners.set(port, listener);
        listener.setTargets(targets);
      }
      for (const [port, listener] of balancer.listeners) {
        if (ports.some((wanted) => wanted.port === port)) continue;
        close(listener);
        balancer.listeners.delete(port);
      }
    },
    remove,
    resolve: (port) => {
      for (const { address, listeners } of balancers.values()) {
        const own = listeners.get(port)?.port();
        if (own !== undefined) return { host: address, port: own };
      }
      return undefined;
    },
    stop: async () => {
      for (const id of [...balancers.keys()]) remove(id);
      await Promise.all(closing);
    },
  };
}
