import { describe, expect, it } from 'vitest';
import type { Pod } from '#local/cluster/apimachinery/kinds.ts';
import type { Client } from '#local/cluster/client/client.ts';
import { nameLookUp } from '#local/cluster/kube-proxy/name-look-up.ts';

interface Dns {
  /** Nodes with a ready pod of CoreDNS. */
  readonly on: readonly string[];
  readonly trafficDistribution?: 'PreferSameNode';
  /** Nodes whose instances are gone, while their endpoints are still listed. */
  readonly lost?: readonly string[];
}

/** @returns whether a pod on the node 'here' gets an answer, and how many servers it waited for */
async function lookUp({ on, trafficDistribution, lost = [] }: Dns, hostNetwork = false) {
  const service = {
    metadata: { namespace: 'kube-system', name: 'kube-dns' },
    spec: { ports: [{ port: 53, name: 'dns' }], ...(trafficDistribution && { trafficDistribution }) },
  };
  const slice = {
    metadata: { namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    ports: [{ name: 'dns', port: 53 }],
    endpoints: on.map((nodeName) => ({ nodeName, addresses: ['10.0.0.1'], conditions: { ready: true } })),
  };
  const client = {
    find: ({ plural }: { plural: string }) => (plural === 'services' ? service : undefined),
    list: () => [slice],
  } as unknown as Client;
  let waits = 0;
  const isNodeUp = (name: string) => {
    const isUp = !lost.includes(name);
    if (!isUp) waits += 1;
    return isUp;
  };
  const pod = { metadata: { name: 'web', namespace: 'shop' }, spec: { nodeName: 'here', hostNetwork } };
  const ask = nameLookUp({ client, isNodeUp, log: () => undefined, timeoutMilliseconds: 1 });
  return { answered: await ask(pod as unknown as Pod), waits };
}

describe('looking up a name', () => {
  it('a pod gets an answer from any CoreDNS pod that runs', async () => {
    expect(await lookUp({ on: ['elsewhere'] })).toEqual({ answered: true, waits: 0 });
  });

  it('without any CoreDNS pod it fails at once', async () => {
    expect(await lookUp({ on: [] })).toEqual({ answered: false, waits: 0 });
  });

  it('a CoreDNS pod whose node was lost is asked until its endpoint goes, twice by each look-up', async () => {
    expect(await lookUp({ on: ['elsewhere'], lost: ['elsewhere'] })).toEqual({ answered: false, waits: 2 });
  });

  it('with PreferSameNode a pod asks the CoreDNS pod of its own node, whatever happens to the others', async () => {
    const dns = {
      on: ['lost', 'here', 'gone'],
      lost: ['lost', 'gone'],
      trafficDistribution: 'PreferSameNode',
    } as const;
    for (let time = 0; time < 10; time += 1) expect(await lookUp(dns)).toEqual({ answered: true, waits: 0 });
    expect(await lookUp({ ...dns, on: ['elsewhere'] })).toEqual({ answered: true, waits: 0 });
  });

  it('a pod on the network of its node does not ask CoreDNS', async () => {
    expect(await lookUp({ on: [] }, true)).toEqual({ answered: true, waits: 0 });
  });
});
