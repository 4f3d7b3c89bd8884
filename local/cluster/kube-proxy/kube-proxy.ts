/**
 * Starts kube-proxy: every Service with a cluster IP gets a loopback address of its own, on which its ports lead to its
 * ready pods. One instance serves the whole cluster, because all nodes share this machine. Entry of the component.
 */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { Service } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import { Controller, watch } from '../client/controller.ts';
import type { LocateService } from '../client/service-locator.ts';
import { serviceOfSlice, targetsOfService } from '../client/service-targets.ts';
import { ServiceListeners } from './service-listeners.ts';

export interface KubeProxyOptions {
  readonly client: Client;
  readonly network: LoopbackNetwork;
  readonly log: (message: string) => void;
}

export interface KubeProxy {
  readonly locate: LocateService;
  stop(): Promise<void>;
}

export function startKubeProxy({ client, network, log }: KubeProxyOptions): KubeProxy {
  const listeners = new ServiceListeners(network);
  const controller = new Controller({
    name: 'service-proxy',
    client,
    log,
    watches: [watch(types.services), watch(types.endpointSlices, serviceOfSlice)],
    reconcile: ({ namespace, name }) => {
      const service = client.find(types.services, namespace, name);
      if (service && isProxied(service)) listeners.update(namespace!, name, tcpTargets(client, service));
      else listeners.remove(namespace!, name);
    },
  });
  return {
    locate: (namespace, name, port) => listeners.locate(namespace, name, port),
    stop: async () => {
      controller.stop();
      await listeners.close();
    },
  };
}

function isProxied({ spec }: Service): boolean {
  return spec.selector !== undefined && spec.type !== 'ExternalName' && spec.clusterIP !== 'None';
}

function tcpTargets(client: Client, service: Service): ReturnType<typeof targetsOfService> {
  const tcpPorts = (service.spec.ports ?? []).filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port);
  return targetsOfService(client, service).filter(({ port }) => tcpPorts.includes(port));
}
