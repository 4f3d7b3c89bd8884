/** Node IPAM: allocates each node its part of the cluster's pod CIDR. */
import { types } from '../apimachinery/builtin-types.ts';
import { type Cidr, formatCidr, nodePrefixLength, subnetAt, subnetCount } from '../apimachinery/cidr.ts';
import type { Node } from '../apimachinery/kinds.ts';
import { Controller, type ControllerDependencies, type Key, watch } from '../client/controller.ts';

/** Every range of a node is taken. */
export class NodeCidrsExhaustedError extends Error {
  override readonly name = 'NodeCidrsExhaustedError';
}

/** Hands out the ranges in turn, as kube-controller-manager does: one that was released is not the next one given. */
export class NodeCidrs {
  readonly #clusterCidr: Cidr;
  readonly #allocated = new Set<string>();
  #nextPosition = 0;

  constructor(clusterCidr: Cidr) {
    this.#clusterCidr = clusterCidr;
  }

  /** @throws NodeCidrsExhaustedError */
  allocate(): string {
    const count = subnetCount(this.#clusterCidr, nodePrefixLength);
    for (let tried = 0; tried < count; tried += 1) {
      const cidr = formatCidr(subnetAt(this.#clusterCidr, nodePrefixLength, this.#nextPosition));
      this.#nextPosition = (this.#nextPosition + 1) % count;
      if (this.#allocated.has(cidr)) continue;
      this.#allocated.add(cidr);
      return cidr;
    }
    throw new NodeCidrsExhaustedError(
      `CIDR allocation failed; there are no remaining CIDRs left to allocate in the range ${formatCidr(this.#clusterCidr)}`,
    );
  }

  /** Marks a range as taken that a node has already. */
  occupy(cidr: string): void {
    this.#allocated.add(cidr);
  }

  release(cidr: string): void {
    this.#allocated.delete(cidr);
  }
}

export interface NodeIpamDependencies extends ControllerDependencies {
  readonly clusterCidr: Cidr;
}

/** A node for which no range is left stays without one; it is tried again until another node is deleted. */
export function startNodeIpam({ client, events, log, clusterCidr }: NodeIpamDependencies): Controller {
  const cidrs = new NodeCidrs(clusterCidr);
  const cidrOfNode = new Map<string, string>();
  const occupy = ({ metadata, spec }: Node): void => {
    if (!spec.podCIDR) return;
    cidrs.occupy(spec.podCIDR);
    cidrOfNode.set(metadata.name, spec.podCIDR);
  };
  for (const node of client.list(types.nodes)) occupy(node);
  const reconcile = ({ name }: Key): void => {
    const node = client.find(types.nodes, undefined, name);
    if (!node) {
      const released = cidrOfNode.get(name);
      if (released) cidrs.release(released);
      cidrOfNode.delete(name);
      return;
    }
    if (node.spec.podCIDR) {
      occupy(node);
      return;
    }
    try {
      const podCIDR = cidrs.allocate();
      occupy(
        client.update(types.nodes, undefined, name, ({ spec }) => {
          spec.podCIDR = podCIDR;
          spec.podCIDRs = [podCIDR];
        }),
      );
    } catch (error) {
      events(node, 'Warning', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
      throw error;
    }
  };
  return new Controller({ name: 'node-ipam', client, log, watches: [watch(types.nodes)], reconcile });
}
