/** Endpoints and EndpointSlices: where a Service's pods are, and which of them are ready. */
import { types } from '../apimachinery/builtin-types.ts';
import {
  controllerReference,
  equal,
  isPodFinished,
  isPodReady,
  type KubeObject,
  type Open,
} from '../apimachinery/object.ts';
import { matchesLabels } from '../apimachinery/selectors.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';

export function startEndpointsController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  return new Controller({
    name: 'endpoints',
    objects,
    log,
    watches: [{ type: types.services }, { type: types.pods, keysOf: (pod) => servicesOf(parts, pod) }],
    reconcile: (key) => reconcile(parts, key),
  });
}

function servicesOf({ objects }: ControllerParts, pod: KubeObject): Key[] {
  const { namespace, labels } = pod.metadata;
  return objects
    .list(types.services, namespace)
    .filter(({ spec }) => matchesLabels(spec.selector, labels))
    .map(({ metadata }) => ({ namespace, name: metadata.name }));
}

function reconcile(parts: ControllerParts, { namespace, name }: Key): void {
  const { objects } = parts;
  const service = objects.find(types.services, namespace, name);
  if (!service) {
    objects.deleteIfExists(types.endpoints, namespace, name);
    return;
  }
  if (!service.spec.selector) return;
  const pods = objects
    .list(types.pods, namespace)
    .filter((pod) => matchesLabels(service.spec.selector, pod.metadata.labels))
    .filter((pod) => pod.status?.podIP && !isPodFinished(pod));
  writeSlice(parts, service, pods);
  writeEndpoints(parts, service, pods);
}

function isReady(service: KubeObject, pod: KubeObject): boolean {
  return service.spec.publishNotReadyAddresses === true || (isPodReady(pod) && !pod.metadata.deletionTimestamp);
}

function portsOf(service: KubeObject, pods: readonly KubeObject[]): Open[] {
  return (service.spec.ports ?? []).map((port: Open) => ({
    ...(port.name && { name: port.name }),
    port: typeof port.targetPort === 'number' ? port.targetPort : (namedPort(pods, port.targetPort) ?? port.port),
    protocol: port.protocol,
  }));
}

function namedPort(pods: readonly KubeObject[], name: string): number | undefined {
  return pods
    .flatMap(({ spec }) => spec.containers)
    .flatMap((container: Open) => container.ports ?? [])
    .find((port: Open) => port.name === name)?.containerPort;
}

function writeSlice({ objects }: ControllerParts, service: KubeObject, pods: readonly KubeObject[]): void {
  const { namespace, name, uid } = service.metadata;
  const sliceName = `${name}-${uid.slice(0, 5)}`;
  const content = {
    addressType: 'IPv4',
    ports: portsOf(service, pods).map((port) => ({ name: '', ...port })),
    endpoints: pods.map((pod) => ({
      addresses: [pod.status.podIP],
      conditions: {
        ready: isReady(service, pod),
        serving: isPodReady(pod),
        terminating: pod.metadata.deletionTimestamp !== undefined,
      },
      nodeName: pod.spec.nodeName,
      targetRef: targetOf(pod),
    })),
  };
  if (objects.find(types.endpointSlices, namespace, sliceName)) {
    objects.update(types.endpointSlices, namespace, sliceName, (draft) => Object.assign(draft, content));
    return;
  }
  objects.create(types.endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: sliceName,
      namespace: namespace!,
      labels: {
        ...service.metadata.labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(service)],
    },
    ...content,
  });
}

function writeEndpoints({ objects }: ControllerParts, service: KubeObject, pods: readonly KubeObject[]): void {
  const { namespace, name } = service.metadata;
  const addressOf = (pod: KubeObject) => ({
    ip: pod.status.podIP,
    nodeName: pod.spec.nodeName,
    targetRef: targetOf(pod),
  });
  const ready = pods.filter((pod) => isReady(service, pod)).map(addressOf);
  const notReady = pods.filter((pod) => !isReady(service, pod) && !pod.metadata.deletionTimestamp).map(addressOf);
  const subset = {
    ...(ready.length > 0 && { addresses: ready }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady }),
    ports: portsOf(service, pods),
  };
  const subsets = ready.length + notReady.length > 0 ? [subset] : [];
  const existing = objects.find(types.endpoints, namespace, name);
  if (!existing) {
    objects.create(types.endpoints, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace: namespace! },
      subsets,
    });
  } else if (!equal(existing['subsets'], subsets)) {
    objects.update(types.endpoints, namespace, name, (draft) => Object.assign(draft, { subsets }));
  }
}

function targetOf({ metadata }: KubeObject): Open {
  return { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid };
}
