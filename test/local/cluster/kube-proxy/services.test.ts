import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withServiceAddress } from '#local/cluster/kubelet/service-urls.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;

const backend = `
apiVersion: v1
kind: Service
metadata: { name: backend }
spec: { selector: { app: backend }, ports: [{ name: http, port: 80, targetPort: http }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend }
spec:
  replicas: 2
  selector: { matchLabels: { app: backend } }
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: backend } }
    spec:
      terminationGracePeriodSeconds: 5
      containers:
        - name: backend
          image: registry.test/web:1
          ports: [{ name: http, containerPort: 8080 }]
          env:
            - { name: VERSION, value: backend }
            - { name: PORT, value: '8080' }
            - { name: HOST, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
`;
const environment = `
            - { name: SHORT, value: 'http://backend' }
            - { name: IN_NAMESPACE, value: 'http://backend.default/path?x=1' }
            - { name: FULL, value: 'http://backend.default.svc.cluster.local:80' }
            - { name: ELSEWHERE, value: 'https://api.telegram.org/bot' }`;

async function fetchJson(url: string): Promise<{ version: string; pid: number }> {
  return (await fetch(url, { signal: AbortSignal.timeout(5000) })).json() as Promise<{ version: string; pid: number }>;
}

describe('Service with a cluster IP', () => {
  let environmentOfWeb: Record<string, string>;

  beforeAll(async () => {
    cluster = await startTestCluster();
    const manifests = webManifests({ replicas: 1 });
    manifests['kustomization.yaml'] = manifests['kustomization.yaml']!.replace('web.yaml', 'web.yaml, backend.yaml');
    manifests['web.yaml'] = manifests['web.yaml']!.replace('          env:', `          env:${environment}`);
    await cluster.apply({ ...manifests, 'backend.yaml': backend });
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    await cluster.kubectl('rollout', 'status', 'deploy/backend', '--timeout=20s');
    environmentOfWeb = (await getFromLoadBalancer(cluster.host, '/')).environment;
  }, 60_000);
  afterAll(() => cluster?.stop());

  it('Service URLs in a pod environment reach all pods of the Service in turn', async () => {
    const responses = await Promise.all(Array.from({ length: 6 }, () => fetchJson(environmentOfWeb['FULL']!)));

    expect(new Set(responses.map(({ version }) => version))).toEqual(new Set(['backend']));
    expect(new Set(responses.map(({ pid }) => pid)).size).toBe(2);
    expect(await fetchJson(environmentOfWeb['SHORT']!)).toMatchObject({ version: 'backend' });
    expect(environmentOfWeb['IN_NAMESPACE']).toMatch(/^http:\/\/127\.\d+\.253\.\d+:\d+\/path\?x=1$/);
    expect(environmentOfWeb['ELSEWHERE']).toBe('https://api.telegram.org/bot');
  });

  it('a Service fails no request while its pods are replaced', async () => {
    let over = false;
    const restart = (async () => {
      await cluster.kubectl('rollout', 'restart', 'deploy/backend');
      await cluster.kubectl('rollout', 'status', 'deploy/backend', '--timeout=20s');
    })().finally(() => {
      over = true;
    });
    const pids = new Set<number>();
    while (!over) pids.add((await fetchJson(environmentOfWeb['FULL']!)).pid);
    await restart;

    expect(pids.size).toBeGreaterThanOrEqual(3);
  }, 30_000);

  it('a call that a network policy does not allow is refused, also after the policy was changed', async () => {
    const policy = (from: string) => ({
      'kustomization.yaml': 'resources: [policy.yaml]',
      'policy.yaml': `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: backend }
spec:
  podSelector: { matchLabels: { app: backend } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: ${from} } } }], ports: [{ port: http }] }]
`,
    });
    await cluster.apply(policy('billing'));
    await expect(fetchJson(environmentOfWeb['FULL']!)).rejects.toThrow('fetch failed');
    await cluster.apply(policy('web'));
    expect(await fetchJson(environmentOfWeb['FULL']!)).toMatchObject({ version: 'backend' });
    await cluster.kubectl('delete', 'networkpolicy', 'backend');
  });

  it('a Service without pods refuses connections and comes back at the same address', async () => {
    await cluster.kubectl('scale', 'deploy/backend', '--replicas=0');
    await cluster.until(() => !cluster.host.view().pods.some(({ name }) => name.startsWith('backend')));
    await expect(fetchJson(environmentOfWeb['FULL']!)).rejects.toThrow('fetch failed');

    await cluster.kubectl('scale', 'deploy/backend', '--replicas=1');
    await cluster.kubectl('rollout', 'status', 'deploy/backend', '--timeout=20s');
    expect(await fetchJson(environmentOfWeb['FULL']!)).toMatchObject({ version: 'backend' });
  }, 30_000);
});

describe('withServiceAddress', () => {
  const client = { find: (_type: object, namespace: string, name: string) => `${namespace}/${name}` === 'shop/web' };
  const locateService = (namespace: string, name: string, port: number) => ({ host: `${name}-${namespace}`, port });
  const resolver = { client, locateService, pod: { metadata: { namespace: 'shop' } } } as unknown as Parameters<
    typeof withServiceAddress
  >[1];

  it.each([
    ['http://web', 'http://web-shop:80'],
    ['http://web/', 'http://web-shop:80/'],
    ['https://user:word@web.shop/v1#top', 'https://user:word@web-shop:443/v1#top'],
    ['http://web.shop.svc:8080', 'http://web-shop:8080'],
    ['http://other.place.svc.cluster.local', 'http://other-place:80'],
    ['redis://web:6379/0', 'redis://web-shop:6379/0'],
    ['redis://web', 'redis://web'],
    ['http://other', 'http://other'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://web.shop.example.com', 'http://web.shop.example.com'],
    ['http://127.0.0.1:80', 'http://127.0.0.1:80'],
    ['see http://web', 'see http://web'],
  ])('withServiceAddress in namespace shop turns %s into %s', (value, expected) => {
    expect(withServiceAddress(value, resolver)).toBe(expected);
  });
});
