/** The AWS cloud controller manager, simulated: it acts only while its own pod runs. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, controllerOf, isPodReady, type KubeObject, type Open } from '../apimachinery/object.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { serviceOfSlice, targetsOf } from '../kube-proxy/service-targets.ts';

const uninitialized = 'node.cloudprovider.kubernetes.io/uninitialized';

function isRunning({ objects }: ControllerParts): boolean {
  return objects
    .list(types.pods, 'kube-system')
    .some((pod) => controllerOf(pod)?.name.endsWith('cloud-controller-manager') && isPodReady(pod));
}

function isItsPod(pod: KubeObject): boolean {
  return controllerOf(pod)?.name.endsWith('cloud-controller-manager') ?? false;
}

/** Initialises nodes: provider id, zone, instance type; deletes those whose instance has gone. */
export function startCloudNodeController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const everyNode = (): Key[] =>
    objects.list(types.nodes).map(({ metadata }) => ({ namespace: undefined, name: metadata.name }));
  return new Controller({
    name: 'cloud-node',
    objects,
    log,
    watches: [{ type: types.nodes }, { type: types.pods, keysOf: (pod) => (isItsPod(pod) ? everyNode() : []) }],
    reconcile: ({ name }) => {
      const node = objects.find(types.nodes, undefined, name);
      if (!node || !isRunning(parts)) return;
      if (!parts.isInstanceRunning(name) && conditionOf(node, 'Ready')?.status !== 'True') {
        objects.delete(types.nodes, undefined, name);
        return;
      }
      if (node.spec.taints?.some((taint: Open) => taint.key === uninitialized)) initialize(parts, node);
    },
  });
}

function initialize({ objects, events }: ControllerParts, node: KubeObject): void {
  const facts = node.metadata.annotations ?? {};
  const zone = facts['stepkube.dev/zone']!;
  objects.update(types.nodes, undefined, node.metadata.name, (draft) => {
    draft.spec.providerID = `aws:///${zone}/${facts['stepkube.dev/instance-id']}`;
    draft.spec.taints = draft.spec.taints.filter((taint: Open) => taint.key !== uninitialized);
    if (draft.spec.taints.length === 0) delete draft.spec.taints;
    draft.metadata.labels = {
      ...draft.metadata.labels,
      'topology.kubernetes.io/zone': zone,
      'topology.kubernetes.io/region': zone.slice(0, -1),
      'node.kubernetes.io/instance-type': facts['stepkube.dev/instance-type']!,
    };
  });
  events(node, 'Normal', 'Synced', 'Node synced successfully', 'cloud-node-controller');
}

/** Gives Services of type LoadBalancer an address, which is a real listener of the twin. */
export function startServiceController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const everyBalancer = (): Key[] =>
    objects
      .list(types.services)
      .filter(({ spec }) => spec.type === 'LoadBalancer')
      .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
  return new Controller({
    name: 'cloud-service',
    objects,
    log,
    watches: [
      { type: types.services },
      { type: types.endpointSlices, keysOf: serviceOfSlice },
      { type: types.pods, keysOf: (pod) => (isItsPod(pod) ? everyBalancer() : []) },
    ],
    reconcile: (key) => serve(parts, key),
  });
}

function serve(parts: ControllerParts, { namespace, name }: Key): void {
  const { objects, balancers, events } = parts;
  const service = objects.find(types.services, namespace, name);
  const id = `${namespace}/${name}`;
  if (service?.spec.type !== 'LoadBalancer') {
    balancers.remove(id);
    return;
  }
  const hostname = service.status?.loadBalancer?.ingress?.[0]?.hostname;
  // Targets change without the controller manager too: the load balancer is AWS's own.
  if (!hostname && !isRunning(parts)) return;
  balancers.update(id, targetsOf(objects, service));
  if (hostname) return;
  const region = objects.list(types.nodes).find(({ metadata }) => metadata.labels?.['topology.kubernetes.io/region']);
  const regionName = region?.metadata.labels?.['topology.kubernetes.io/region'] ?? 'us-east-1';
  const balancerName = `a${service.metadata.uid.replaceAll('-', '').slice(0, 31)}-${service.metadata.uid.slice(0, 16).replaceAll('-', '')}`;
  events(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer', 'service-controller');
  objects.update(types.services, namespace, name, (draft) => {
    draft.status = {
      ...draft.status,
      loadBalancer: { ingress: [{ hostname: `${balancerName}.elb.${regionName}.amazonaws.com` }] },
    };
  });
}
