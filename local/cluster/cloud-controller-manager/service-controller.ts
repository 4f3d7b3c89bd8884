/** Gives Services of type LoadBalancer a load balancer, and its host name as their address. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Service } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, keyOf, watch } from '../client/controller.ts';
import { serviceOfSlice, targetsOfService } from '../client/service-targets.ts';
import { healthCheckFailSeconds } from './health-check.ts';
import type { LoadBalancers } from './load-balancers.ts';
import { isOwnPodReady, watchOwnPod } from './own-pod.ts';

export interface ServiceControllerDependencies extends ControllerDependencies {
  readonly loadBalancers: LoadBalancers;
}

export function startServiceController(dependencies: ServiceControllerDependencies): Controller {
  const { client, log } = dependencies;
  const loadBalancerServices = (): readonly Key[] => client.list(types.services).filter(isLoadBalancer).map(keyOf);
  return new Controller({
    name: 'cloud-service',
    client,
    log,
    watches: [watch(types.services), watch(types.endpointSlices, serviceOfSlice), watchOwnPod(loadBalancerServices)],
    reconcile: (key) => reconcile(dependencies, key),
  });
}

function isLoadBalancer({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer';
}

function reconcile({ client, loadBalancers, events }: ServiceControllerDependencies, { namespace, name }: Key): void {
  const id = `${namespace}/${name}`;
  const service = client.find(types.services, namespace, name);
  if (!service || !isLoadBalancer(service)) {
    loadBalancers.remove(id);
    return;
  }
  const hasAddress = service.status?.loadBalancer?.ingress?.[0]?.hostname !== undefined;
  // Once it exists, the load balancer itself follows its targets, whether or not the controller manager runs.
  if (!hasAddress && !isOwnPodReady(client)) return;
  loadBalancers.update(id, targetsOfService(client, service), healthCheckFailSeconds(service));
  if (hasAddress) return;
  events(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  const hostname = `${loadBalancerName(service)}.elb.${regionOf(client)}.amazonaws.com`;
  client.update(types.services, namespace, name, (draft) => {
    draft.status = { ...draft.status, loadBalancer: { ingress: [{ hostname }] } };
  });
}

/** As AWS names load balancers: from the Service's uid, then an id of its own. */
function loadBalancerName({ metadata: { uid } }: Service): string {
  const id = uid.replaceAll('-', '');
  return `a${id.slice(0, 31)}-${id.slice(0, 14)}`;
}

function regionOf(client: Client): string {
  const regions = client
    .list(types.nodes)
    .flatMap(({ metadata }) => metadata.labels?.['topology.kubernetes.io/region'] ?? []);
  return regions[0] ?? 'us-east-1';
}
