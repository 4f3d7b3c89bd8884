/** Keeps the listeners of cluster IPs where the ready pods of their Services are. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Open } from '../apimachinery/object.ts';
import { Controller } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { serviceOfSlice, targetsOf } from './service-targets.ts';

export function startServiceProxyController({ objects, services, log }: ControllerParts): Controller {
  return new Controller({
    name: 'service-proxy',
    objects,
    log,
    watches: [{ type: types.services }, { type: types.endpointSlices, keysOf: serviceOfSlice }],
    reconcile: ({ namespace, name }) => {
      const service = objects.find(types.services, namespace, name);
      const proxied =
        service?.spec.selector && service.spec.type !== 'ExternalName' && service.spec.clusterIP !== 'None';
      if (!proxied) {
        services.remove(namespace!, name);
        return;
      }
      const tcp = service.spec.ports.filter((port: Open) => port.protocol === 'TCP').map((port: Open) => port.port);
      services.update(
        namespace!,
        name,
        targetsOf(objects, service).filter(({ port }) => tcp.includes(port)),
      );
    },
  });
}
