/**
 * Processes of the twin have no cluster DNS: a URL in the environment that names a Service gets the Service's loopback
 * address instead. Such URLs are http://web, http://web.shop:8080/v1, http://web.shop.svc and
 * http://web.shop.svc.cluster.local.
 */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import type { LocateService } from '../client/service-locator.ts';

export interface ServiceResolver {
  readonly client: Pick<Client, 'find'>;
  readonly locateService: LocateService;
  /** The pod, in whose namespace names without a namespace are looked up. */
  readonly pod: Pod;
}

const label = '[a-z]([-a-z0-9]*[a-z0-9])?';
const urlPattern = new RegExp(
  `^(?<scheme>[a-z][a-z0-9+.-]*)://(?<user>[^@/]*@)?(?<name>${label})(\\.(?<namespace>${label})(?<svc>\\.svc(\\.cluster\\.local)?)?)?(:(?<port>\\d+))?(?<rest>[/?#].*)?$`,
);
const defaultPorts: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/** The value is returned unchanged when it is not the URL of a Service. */
export function withServiceAddress(value: string, resolver: ServiceResolver): string {
  const {
    scheme,
    user = '',
    name,
    namespace = resolver.pod.metadata.namespace ?? 'default',
    svc,
    port,
    rest = '',
  } = urlPattern.exec(value)?.groups ?? {};
  const portNumber = port === undefined ? defaultPorts[scheme ?? ''] : Number(port);
  if (scheme === undefined || name === undefined || portNumber === undefined) return value;
  // A name in .svc always means a Service; a shorter one does only if the Service exists, as with DNS search domains.
  if (svc === undefined && !resolver.client.find(types.services, namespace, name)) return value;
  const target = resolver.locateService(namespace, name, portNumber, resolver.pod);
  return `${scheme}://${user}${target.host}:${target.port}${rest}`;
}
