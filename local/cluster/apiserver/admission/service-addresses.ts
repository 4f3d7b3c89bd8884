/** Cluster IPs out of the service CIDR, and node ports. */
import type { KubeObject, Open } from '#local/cluster/apimachinery/object.ts';

const firstNodePort = 30000;

export class ServiceAddresses {
  readonly #base: number;
  /** The first addresses are kept: 1 is the API server, 10 the DNS. */
  #next = 20;
  #nextNodePort = firstNodePort;

  constructor(serviceCidr: string) {
    this.#base = toNumber(serviceCidr.split('/')[0]!);
  }

  /** The nth address of the range, e.g. 1 for the API server. */
  at(index: number): string {
    return toAddress(this.#base + index);
  }

  assign({ spec }: KubeObject, previous: KubeObject | undefined): void {
    if (spec.type === 'ExternalName') return;
    // A service keeps its address: a client that sends none does not want another one.
    spec.clusterIP ||= previous?.spec.clusterIP ?? this.at(this.#next++);
    spec.clusterIPs ??= [spec.clusterIP];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
    if (spec.type === 'ClusterIP') return;
    for (const port of spec.ports ?? []) {
      const old = previous?.spec.ports?.find(({ port: number }: Open) => number === port.port);
      port.nodePort ??= old?.nodePort ?? this.#nextNodePort++;
    }
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
