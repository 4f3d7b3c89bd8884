/**
 * Starts kube-proxy: every Service with a cluster IP gets a loopback address of its own, on which its ports lead to its
 * ready pods, as far as network policies allow. One instance serves the whole cluster, because all nodes share this machine. Entry of the component.
 */
import type { LoopbackNetwork } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod, Service } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import { Controller, watch } from '../client/controller.ts';
import type { LocateExternal, LocateService } from '../client/service-locator.ts';
import { type ServiceTarget, serviceOfSlice, targetsOfService } from '../client/service-targets.ts';
import { nameLookUp } from './name-look-up.ts';
import { isCallAllowed } from './network-policy.ts';
import { ServiceListeners } from './service-listeners.ts';

/** In place of a namespace. */
const externalHosts = '(external)';

export interface KubeProxyOptions {
  readonly client: Client;
  readonly network: LoopbackNetwork;
  readonly log: (message: string) => void;
  /** Whether the instance of a node runs, whatever the node object says. */
  readonly isNodeUp: (nodeName: string) => boolean;
}

export interface KubeProxy {
  readonly locate: LocateService;
  /** Where a pod reaches a host outside of the cluster whose name it looks up first. */
  readonly locateExternal: LocateExternal;
  stop(): Promise<void>;
}

export function startKubeProxy({ client, network, log, isNodeUp }: KubeProxyOptions): KubeProxy {
  const admits = (from: Pod, { namespace, podName, port }: ServiceTarget): boolean => {
    const to = podName === undefined ? undefined : client.find(types.pods, namespace, podName);
    if (to === undefined) return true;
    const policies = client.list(types.networkPolicies);
    // As it is now: its address came after its start.
    const caller = client.find(types.pods, from.metadata.namespace, from.metadata.name) ?? from;
    const isAllowed = isCallAllowed(
      { from: caller, to, port },
      { policies, namespaces: client.list(types.namespaces) },
    );
    if (!isAllowed) log(`a network policy keeps ${from.metadata.name} from ${podName}:${port}`);
    return isAllowed;
  };
  const listeners = new ServiceListeners({ network, admits, lookUp: nameLookUp({ client, isNodeUp, log }) });
  const stopWatching = client.watch(types.pods, ({ type, object }) => {
    if (type === 'DELETED' && object.metadata.uid !== undefined) listeners.removeSource(object.metadata.uid);
  });
  const controller = new Controller({
    name: 'service-proxy',
    client,
    log,
    watches: [watch(types.services), watch(types.endpointSlices, serviceOfSlice)],
    reconcile: ({ namespace, name }) => {
      const service = client.find(types.services, namespace, name);
      if (service && isProxied(service)) listeners.update(namespace!, name, tcpTargets(client, service));
      else listeners.update(namespace!, name, []);
    },
  });
  return {
    locate: (namespace, name, port, source) => listeners.locate(namespace, name, port, source),
    locateExternal: (host, port, source) => {
      const name = `${host}:${port}`;
      const target = { host, port, nodeName: undefined, podName: undefined, namespace: undefined };
      listeners.update(externalHosts, name, [{ port, targets: [target] }]);
      return listeners.locate(externalHosts, name, port, source);
    },
    stop: async () => {
      controller.stop();
      stopWatching();
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
