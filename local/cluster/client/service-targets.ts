/** Where the ports of a Service lead: kube-proxy and load balancers forward to its ready endpoints. */
import { loopbackAddressAnnotation } from '../apimachinery/annotations.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { EndpointSlice, Service } from '../apimachinery/kinds.ts';
import type { Target } from '../apimachinery/tcp-forwarder.ts';
import type { Client } from './client.ts';
import type { Key } from './controller.ts';

/** A ready endpoint. */
export interface ServiceTarget extends Target {
  readonly nodeName: string | undefined;
  /** Name of the pod, in the Service's namespace. */
  readonly podName: string | undefined;
  readonly namespace: string | undefined;
}

export interface ServicePortTargets {
  /** The Service's own port. */
  readonly port: number;
  readonly targets: readonly ServiceTarget[];
}

const serviceNameLabel = 'kubernetes.io/service-name';

/** The key of the Service that an EndpointSlice belongs to. */
export function serviceOfSlice({ metadata: { namespace, labels } }: EndpointSlice): readonly Key[] {
  const name = labels?.[serviceNameLabel];
  return name ? [{ namespace, name }] : [];
}

export function targetsOfService(client: Client, service: Service): readonly ServicePortTargets[] {
  const { namespace, name } = service.metadata;
  const slices = client
    .list(types.endpointSlices, namespace)
    .filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === name);
  return (service.spec.ports ?? []).map(({ port, name: portName = '' }) => ({
    port,
    targets: slices.flatMap((slice) => targetsOfSlice(client, slice, portName)),
  }));
}

function targetsOfSlice(
  client: Client,
  { metadata, ports, endpoints }: EndpointSlice,
  portName: string,
): ServiceTarget[] {
  const port = ports?.find(({ name }) => name === portName)?.port;
  if (port === undefined) return [];
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready);
  return ready.flatMap(({ addresses, targetRef, nodeName }) => {
    const pod = targetRef?.name && client.find(types.pods, metadata.namespace, targetRef.name);
    const loopbackAddress = pod ? pod.metadata.annotations?.[loopbackAddressAnnotation] : undefined;
    const host = loopbackAddress ?? addresses[0];
    return host === undefined
      ? []
      : [{ host, port, nodeName, podName: targetRef?.name, namespace: metadata.namespace }];
  });
}
