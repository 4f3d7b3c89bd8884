/**
 * What a look-up of a name costs a pod. Processes of the twin get addresses instead of names, so nothing is asked in fact; but a connection
 * of a pod waits for the answer that CoreDNS would give, and fails without one.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import { type ServiceTarget, targetsOfService } from '../client/service-targets.ts';

export interface NameLookUpOptions {
  readonly client: Client;
  readonly isNodeUp: (nodeName: string) => boolean;
  readonly log: (message: string) => void;
  /** resolv.conf(5): `timeout`. @default 5000 */
  readonly timeoutMilliseconds?: number;
}

/** resolv.conf(5): `attempts`. */
const attempts = 2;

/** @returns whether a pod gets an answer; takes as long as the answer does */
export function nameLookUp({
  client,
  isNodeUp,
  log,
  timeoutMilliseconds = 5000,
}: NameLookUpOptions): (pod: Pod) => Promise<boolean> {
  return async (pod) => {
    // Its resolver is the node's.
    if (pod.spec.hostNetwork === true) return true;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const server = chooseServer(client, client.find(types.pods, pod.metadata.namespace, pod.metadata.name) ?? pod);
      // Refused at once: the Service has no endpoint.
      if (server === undefined) break;
      if (server.nodeName !== undefined && isNodeUp(server.nodeName)) return true;
      await wait(timeoutMilliseconds);
    }
    log(`${pod.metadata.name} cannot look up a name: CoreDNS does not answer`);
    return false;
  };
}

/** As kube-proxy does: any ready endpoint, those on the pod's own node first if the Service prefers that. */
function chooseServer(client: Client, { spec: { nodeName } }: Pod): ServiceTarget | undefined {
  const service = client.find(types.services, 'kube-system', 'kube-dns');
  const [port] = service === undefined ? [] : targetsOfService(client, service);
  const all = port?.targets ?? [];
  const local = all.filter((target) => target.nodeName === nodeName);
  const prefersOwnNode = service?.spec.trafficDistribution === 'PreferSameNode';
  const candidates = prefersOwnNode && local.length > 0 ? local : all;
  return candidates[Math.floor(Math.random() * candidates.length)];
}
