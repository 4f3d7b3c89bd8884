/** Allocates the addresses of a node's pods, as its CNI plugin does. */

import { types } from '../apimachinery/builtin-types.ts';
import { addressAt, addressCount, parseCidr } from '../apimachinery/cidr.ts';
import type { Client } from '../client/client.ts';

export interface PodAddress {
  /** What the API shows: an address of the node's pod CIDR, or the node's own on the host network. */
  readonly ip: string;
  /** Where the pod's processes listen; the same as `ip` on the host network and for simulated pods. */
  readonly listenAddress: string;
}

/** The node has no pod CIDR, or no address is left in it. */
export class NoPodAddressError extends Error {
  override readonly name = 'NoPodAddressError';
}

/** The first address of the range belongs to the node's bridge. */
const minPosition = 2;

export interface PodAddressesOptions {
  readonly client: Client;
  readonly nodeName: string;
  /** A loopback address that no other pod of the twin has. */
  readonly newLoopbackAddress: () => string;
}

export class PodAddresses {
  readonly #options: PodAddressesOptions;
  readonly #used = new Set<string>();
  readonly #freeLoopbackAddresses: string[] = [];
  #nextPosition = minPosition;

  constructor(options: PodAddressesOptions) {
    this.#options = options;
  }

  /**
   * @param hasProcesses whether the pod needs an address on which this machine can listen
   * @throws NoPodAddressError
   */
  allocate(hasProcesses: boolean): PodAddress {
    const ip = this.#allocateIp();
    if (!hasProcesses) return { ip, listenAddress: ip };
    const listenAddress = this.#freeLoopbackAddresses.shift() ?? this.#options.newLoopbackAddress();
    return { ip, listenAddress };
  }

  release({ ip, listenAddress }: PodAddress): void {
    this.#used.delete(ip);
    if (listenAddress !== ip) this.#freeLoopbackAddresses.push(listenAddress);
  }

  /** The addresses in turn, so that one that was just released is not given to the next pod. */
  #allocateIp(): string {
    const { client, nodeName } = this.#options;
    const podCidr = client.find(types.nodes, undefined, nodeName)?.spec.podCIDR;
    if (podCidr === undefined) throw new NoPodAddressError(`node ${nodeName} has no pod CIDR`);
    const cidr = parseCidr(podCidr);
    // The last address is the broadcast address.
    const maxPosition = addressCount(cidr) - 2;
    for (let tried = minPosition; tried <= maxPosition; tried += 1) {
      const ip = addressAt(cidr, this.#nextPosition);
      this.#nextPosition = this.#nextPosition === maxPosition ? minPosition : this.#nextPosition + 1;
      if (this.#used.has(ip)) continue;
      this.#used.add(ip);
      return ip;
    }
    throw new NoPodAddressError(`no IP addresses available in range set: ${podCidr}`);
  }
}
