/**
 * Whether network policies let one pod call another. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 * An allowed call needs both sides: the egress of the caller's policies and the ingress of the other's. A pod that no policy of a
 * direction selects is not isolated in it; policies add up.
 */
import { BlockList } from 'node:net';
import type { Namespace, NetworkPolicy, Pod } from '../apimachinery/kinds.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';

export interface Call {
  readonly from: Pod;
  readonly to: Pod;
  /** TCP port of the called pod, not of its Service. */
  readonly port: number;
}

/** What is in force in the cluster. */
export interface Policies {
  readonly policies: readonly NetworkPolicy[];
  readonly namespaces: readonly Namespace[];
}

type Spec = NonNullable<NetworkPolicy['spec']>;
type EgressRule = NonNullable<Spec['egress']>[number];
type Peer = NonNullable<EgressRule['to']>[number];
/** A rule as it is in the API; the client library calls `from` otherwise. */
interface Rule extends Pick<EgressRule, 'to' | 'ports'> {
  readonly from?: readonly Peer[];
}

export function isCallAllowed(call: Call, inForce: Policies): boolean {
  return isDirectionAllowed('Egress', call, inForce) && isDirectionAllowed('Ingress', call, inForce);
}

function isDirectionAllowed(direction: 'Ingress' | 'Egress', call: Call, { policies, namespaces }: Policies): boolean {
  const [subject, peer] = direction === 'Egress' ? [call.from, call.to] : [call.to, call.from];
  // Pods on the network of their node are no pods to a network policy.
  if (subject.spec.hostNetwork === true) return true;
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === subject.metadata.namespace &&
      spec?.policyTypes?.includes(direction) === true &&
      matchesSelector(spec.podSelector, subject.metadata.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some(({ metadata, spec }) => {
    const rules: readonly Rule[] = (direction === 'Egress' ? spec?.egress : spec?.ingress) ?? [];
    return rules.some((rule) => {
      const peers = direction === 'Egress' ? rule.to : rule.from;
      const isPeer =
        peers === undefined ||
        peers.length === 0 ||
        peers.some((candidate) => matchesPeer(candidate, peer, metadata.namespace, namespaces));
      return isPeer && matchesPort(rule.ports, call);
    });
  });
}

/** Without a namespaceSelector a peer is in the policy's own namespace. */
function matchesPeer(
  { ipBlock, podSelector, namespaceSelector }: Peer,
  pod: Pod,
  policyNamespace: string | undefined,
  namespaces: readonly Namespace[],
): boolean {
  if (ipBlock !== undefined) {
    const ip = pod.status?.podIP;
    return ip !== undefined && isIn(ipBlock.cidr, ip) && !(ipBlock.except ?? []).some((cidr) => isIn(cidr, ip));
  }
  if (pod.spec.hostNetwork === true) return false;
  const namespace = namespaces.find(({ metadata }) => metadata.name === pod.metadata.namespace);
  const isInNamespace =
    namespaceSelector === undefined
      ? pod.metadata.namespace === policyNamespace
      : matchesSelector(namespaceSelector, namespace?.metadata.labels);
  return isInNamespace && (podSelector === undefined || matchesSelector(podSelector, pod.metadata.labels));
}

function isIn(cidr: string, ip: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(ip);
}

/** A port by number, range or the name that the called pod gives it; without ports, all of them. */
function matchesPort(ports: Rule['ports'], { to, port }: Call): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ protocol = 'TCP', port: wanted, endPort }) => {
    if (protocol !== 'TCP') return false;
    if (wanted === undefined) return true;
    if (typeof wanted === 'number') return port >= wanted && port <= (endPort ?? wanted);
    const containerPorts = to.spec.containers.flatMap((container) => container.ports ?? []);
    return containerPorts.some(({ name, containerPort }) => name === wanted && containerPort === port);
  });
}
