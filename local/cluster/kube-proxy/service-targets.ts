/** Where the ports of a Service lead: its ready endpoints. */

import { types } from '../apimachinery/builtin-types.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import type { Key } from '../client/controller.ts';
import type { BalancerPort } from '../cloud-controller-manager/load-balancers.ts';
import type { Objects } from '../storage/objects.ts';

const serviceLabel = 'kubernetes.io/service-name';

/** The Service that an EndpointSlice belongs to. */
export function serviceOfSlice({ metadata: { namespace, labels } }: KubeObject): readonly Key[] {
  const name = labels?.[serviceLabel];
  return name ? [{ namespace, name }] : [];
}

export function targetsOf(objects: Objects, service: KubeObject): readonly BalancerPort[] {
  const { namespace, name } = service.metadata;
  const slices = objects
    .list(types.endpointSlices, namespace)
    .filter(({ metadata }) => metadata.labels?.[serviceLabel] === name);
  return (service.spec.ports ?? []).map((port: Open) => ({
    port: port.port,
    targets: slices.flatMap((slice) => {
      const target = slice['ports'].find((one: Open) => one.name === (port.name ?? ''))?.port;
      const ready = slice['endpoints'].filter(({ conditions }: Open) => conditions.ready);
      return ready.map(({ addresses }: Open) => ({ host: addresses[0], port: target }));
    }),
  }));
}
