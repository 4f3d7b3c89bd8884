import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Node, Pod } from '#local/cluster/apimachinery/kinds.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ podSubnet: '172.20.64.0/18' });
  await cluster.apply(webManifests({ replicas: 2 }));
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
}, 60_000);
afterAll(() => cluster?.stop());

interface Listed<T> {
  readonly items: readonly T[];
}

const values = async (...args: string[]): Promise<string[]> => (await cluster.kubectl('get', ...args)).split(' ');

describe('pod network of 172.20.64.0/18', () => {
  it('each node has a /24 of the pod CIDR', async () => {
    expect((await values('nodes', '-o', 'jsonpath={.items[*].spec.podCIDR}')).sort()).toEqual([
      '172.20.64.0/24',
      '172.20.65.0/24',
    ]);
  });

  it('pod addresses are in the range of their node, whether the pod is simulated or not', async () => {
    const nodes: Listed<Node> = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json'));
    const pods: Listed<Pod> = JSON.parse(await cluster.kubectl('get', 'pods', '-A', '-o', 'json'));
    const rangeOfNode = new Map(nodes.items.map(({ metadata, spec }) => [metadata.name, spec.podCIDR]));
    const podsWithNetwork = pods.items.filter(({ spec }) => !spec.hostNetwork);

    // Two of the web service and two of CoreDNS, which is simulated.
    expect(podsWithNetwork).toHaveLength(4);
    expect(new Set(podsWithNetwork.map(({ status }) => status?.podIP)).size).toBe(4);
    for (const { spec, status } of podsWithNetwork) {
      expect(status?.podIP?.replace(/\d+$/, '0/24')).toBe(rangeOfNode.get(spec.nodeName!));
      expect(status?.podIPs).toEqual([{ ip: status?.podIP }]);
    }
  });

  it('EndpointSlices hold pod addresses, and load balancers connect to the loopback addresses behind them', async () => {
    const podIps = await values('pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.podIP}');
    const endpoints = await values(
      ...['endpointslices', '-l', 'kubernetes.io/service-name=web', '-o'],
      'jsonpath={.items[*].endpoints[*].addresses[0]}',
    );
    const { version, environment } = await getFromLoadBalancer(cluster.host, '/');

    expect(endpoints.sort()).toEqual(podIps.sort());
    expect(version).toBe('one');
    expect(environment['HOST']).toMatch(/^127\./);
  });
});
