import { stringify } from 'yaml';

/** CIDRs that the network policies name. */
export interface ClusterNetworks {
  /** The VPC. */
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
  /** Subnets in which AWS services have private addresses: VPC interface endpoints. */
  readonly endpoints: readonly string[];
}

/** Also the instance metadata service's, 169.254.169.254. */
const linkLocal = '169.254.0.0/16';

/**
 * Patches for kustomize that put the cluster's networks into the policies. A policy says by its label which of them it
 * has: `https` begins with the rule for HTTPS to anywhere else, `https-and-endpoints` has the endpoints' rule after it.
 */
export function networkPatches({ nodes, pods, services, endpoints }: ClusterNetworks): object[] {
  const inside = {
    op: 'replace',
    path: '/spec/egress/0/to/0/ipBlock/except',
    value: [linkLocal, nodes, pods, services],
  };
  const toEndpoints = {
    op: 'replace',
    path: '/spec/egress/1/to',
    value: endpoints.map((cidr) => ({ ipBlock: { cidr } })),
  };
  return [
    patchPolicies('stepkube.dev/egress', inside),
    patchPolicies('stepkube.dev/egress=https-and-endpoints', toEndpoints),
  ];
}

function patchPolicies(labelSelector: string, operation: object): object {
  return { target: { kind: 'NetworkPolicy', labelSelector }, patch: stringify([operation]) };
}
