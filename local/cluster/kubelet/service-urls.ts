/**
 * Processes have no cluster DNS: a URL in the environment that names a Service leads to the Service's loopback address
 * instead. http://web, http://web.shop:8080/v1, http://web.shop.svc and http://web.shop.svc.cluster.local are such URLs.
 */

import { types } from '../apimachinery/builtin-types.ts';
import type { ServiceProxies } from '../kube-proxy/service-proxies.ts';
import type { Objects } from '../storage/objects.ts';

export interface ServiceNames {
  readonly objects: Objects;
  readonly services: Pick<ServiceProxies, 'locate'>;
  /** Of the pod: a name without a namespace is looked up there. */
  readonly namespace: string;
}

const label = '[a-z]([-a-z0-9]*[a-z0-9])?';
const url = new RegExp(
  `^(?<scheme>[a-z][a-z0-9+.-]*)://(?<user>[^@/]*@)?(?<name>${label})(\\.(?<space>${label})(?<svc>\\.svc(\\.cluster\\.local)?)?)?(:(?<port>\\d+))?(?<rest>[/?#].*)?$`,
);
const defaultPorts: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/** @returns the value unchanged when it is no URL of a Service */
export function withServiceAddress(value: string, { objects, services, namespace }: ServiceNames): string {
  const { scheme, user = '', name, space, svc, port, rest = '' } = url.exec(value)?.groups ?? {};
  const number = port === undefined ? defaultPorts[scheme ?? ''] : Number(port);
  if (scheme === undefined || name === undefined || number === undefined) return value;
  const where = space ?? namespace;
  // A full name can be nothing else; a short one is a Service's only if there is one, as with a search domain.
  if (svc === undefined && !objects.find(types.services, where, name)) return value;
  const target = services.locate(where, name, number);
  return `${scheme}://${user}${target.host}:${target.port}${rest}`;
}
