/** EndpointSlices and Endpoints: the addresses of a Service's pods, and which of them are ready. */
import type { DiscoveryV1EndpointPort, V1Endpoint, V1EndpointAddress } from '@kubernetes/client-node';
import { types } from '../apimachinery/builtin-types.ts';
import type { Endpoints, Pod, Service } from '../apimachinery/kinds.ts';
import { controllerReference, equal } from '../apimachinery/object.ts';
import { isPodFinished, isPodReady } from '../apimachinery/pods.ts';
import { matchesLabels } from '../apimachinery/selectors.ts';
import type { Wire } from '../apimachinery/wire.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, keyOf, watch } from '../client/controller.ts';

export function startEndpointsController({ client, log }: Omit<ControllerDependencies, 'events'>): Controller {
  return new Controller({
    name: 'endpoints',
    client,
    log,
    watches: [watch(types.services), watch(types.pods, (pod) => servicesOf(client, pod))],
    reconcile: (key) => reconcile(client, key),
  });
}

function servicesOf(client: Client, { metadata: { namespace, labels } }: Pod): readonly Key[] {
  const selecting = client.list(types.services, namespace).filter(({ spec }) => matchesLabels(spec.selector, labels));
  return selecting.map(keyOf);
}

function reconcile(client: Client, { namespace, name }: Key): void {
  const service = client.find(types.services, namespace, name);
  if (!service) {
    client.deleteIfExists(types.endpoints, namespace, name);
    return;
  }
  const { selector } = service.spec;
  if (!selector) return;
  const pods = client
    .list(types.pods, namespace)
    .filter((pod) => matchesLabels(selector, pod.metadata.labels))
    .flatMap((pod) => (pod.status?.podIP && !isPodFinished(pod) ? [{ pod, ip: pod.status.podIP }] : []));
  writeSlice(client, service, pods);
  writeEndpoints(client, service, pods);
}

interface AddressedPod {
  readonly pod: Pod;
  readonly ip: string;
}

function isReady({ spec }: Service, pod: Pod): boolean {
  return spec.publishNotReadyAddresses === true || (isPodReady(pod) && !pod.metadata.deletionTimestamp);
}

interface EndpointPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

function portsOf({ spec }: Service, pods: readonly AddressedPod[]): EndpointPort[] {
  return (spec.ports ?? []).map(({ name, port, targetPort = port, protocol = 'TCP' }) => ({
    ...(name && { name }),
    port: typeof targetPort === 'number' ? targetPort : (containerPort(pods, targetPort) ?? port),
    protocol,
  }));
}

/** The port that some container gives the name. */
function containerPort(pods: readonly AddressedPod[], name: string): number | undefined {
  return pods
    .flatMap(({ pod }) => pod.spec.containers)
    .flatMap(({ ports = [] }) => ports)
    .find((port) => port.name === name)?.containerPort;
}

function writeSlice(client: Client, service: Service, pods: readonly AddressedPod[]): void {
  const { namespace, name, uid, labels } = service.metadata;
  const sliceName = `${name}-${uid.slice(0, 5)}`;
  const ports: Wire<DiscoveryV1EndpointPort>[] = portsOf(service, pods).map((port) => ({ name: '', ...port }));
  const content = { addressType: 'IPv4', ports, endpoints: pods.map((pod) => endpointOf(service, pod)) };
  if (client.find(types.endpointSlices, namespace, sliceName)) {
    client.update(types.endpointSlices, namespace, sliceName, (draft) => Object.assign(draft, content));
    return;
  }
  client.create(types.endpointSlices, {
    metadata: {
      name: sliceName,
      ...(namespace && { namespace }),
      labels: {
        ...labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(service)],
    },
    ...content,
  });
}

function endpointOf(service: Service, { pod, ip }: AddressedPod): Wire<V1Endpoint> {
  return {
    addresses: [ip],
    conditions: {
      ready: isReady(service, pod),
      serving: isPodReady(pod),
      terminating: pod.metadata.deletionTimestamp !== undefined,
    },
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: referenceTo(pod),
  };
}

function writeEndpoints(client: Client, service: Service, pods: readonly AddressedPod[]): void {
  const { namespace, name } = service.metadata;
  const subsets = subsetsOf(service, pods);
  const existing = client.find(types.endpoints, namespace, name);
  if (!existing) {
    client.create(types.endpoints, { metadata: { name, ...(namespace && { namespace }) }, subsets });
  } else if (!equal(existing.subsets, subsets)) {
    client.update(types.endpoints, namespace, name, (draft) => {
      draft.subsets = subsets;
    });
  }
}

function subsetsOf(service: Service, pods: readonly AddressedPod[]): NonNullable<Endpoints['subsets']> {
  const addressOf = ({ pod, ip }: AddressedPod): Wire<V1EndpointAddress> => ({
    ip,
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: referenceTo(pod),
  });
  const ready = pods.filter(({ pod }) => isReady(service, pod));
  const notReady = pods.filter(({ pod }) => !isReady(service, pod) && !pod.metadata.deletionTimestamp);
  if (ready.length + notReady.length === 0) return [];
  return [
    {
      ...(ready.length > 0 && { addresses: ready.map(addressOf) }),
      ...(notReady.length > 0 && { notReadyAddresses: notReady.map(addressOf) }),
      ports: portsOf(service, pods),
    },
  ];
}

function referenceTo({ metadata: { namespace, name, uid } }: Pod): NonNullable<Wire<V1Endpoint>['targetRef']> {
  return { kind: 'Pod', ...(namespace && { namespace }), name, uid };
}
