/** Allocates cluster IPs out of the service CIDR, and node ports. */
import { addressAt, type Cidr } from '#local/cluster/apimachinery/cidr.ts';
import type { Service } from '#local/cluster/apimachinery/kinds.ts';

/** The first of --service-node-port-range. */
const minNodePort = 30000;
/** Lower positions are reserved: 1 for the API server, 10 for the cluster's DNS. */
const minPosition = 20;

export class ServiceAddresses {
  readonly #serviceCidr: Cidr;
  #nextPosition = minPosition;
  #nextNodePort = minNodePort;

  constructor(serviceCidr: Cidr) {
    this.#serviceCidr = serviceCidr;
  }

  /** Fills the addresses in. A client that sends none keeps those that the Service has. */
  assign({ spec }: Service, previous: Service | undefined): void {
    if (spec.type === 'ExternalName') return;
    spec.clusterIP ||= previous?.spec.clusterIP ?? addressAt(this.#serviceCidr, this.#nextPosition++);
    spec.clusterIPs ??= [spec.clusterIP];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
    if (spec.type === 'ClusterIP') return;
    for (const port of spec.ports ?? []) {
      const old = previous?.spec.ports?.find((other) => other.port === port.port);
      port.nodePort ??= old?.nodePort ?? this.#nextNodePort++;
    }
  }
}
