import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 2 });
}, 60_000);
afterAll(() => cluster?.stop());

/** Two pods on two nodes behind a load balancer whose health checks take two seconds to fail. */
async function deploy(preStopSeconds: number): Promise<void> {
  const container = `lifecycle: { preStop: { sleep: { seconds: ${preStopSeconds} } } }`;
  const pod = `topologySpreadConstraints:
        - { topologyKey: kubernetes.io/hostname, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: web } } }`;
  const manifests = webManifests({ container, pod, version: `pre-stop-${preStopSeconds}` });
  const healthCheck = ['interval', 'unhealthy-threshold'].map(
    (setting, index) => `service.beta.kubernetes.io/aws-load-balancer-healthcheck-${setting}: '${index + 1}'`,
  );
  manifests['web.yaml'] = manifests['web.yaml']!.replace(
    'metadata: { name: web }',
    `metadata: { name: web, annotations: { ${healthCheck.join(', ')} } }`,
  ).replace('type: LoadBalancer', 'type: LoadBalancer\n  externalTrafficPolicy: Local');
  await cluster.kubectl('delete', 'deploy', 'web', '--ignore-not-found');
  await cluster.until(() => cluster.host.view().pods.every(({ name }) => !name.startsWith('web-')));
  await cluster.apply(manifests);
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
}

/** Asks again and again while a pod is deleted and another one takes its place. @returns how many requests failed */
async function failuresWhileReplacing(): Promise<number> {
  const pods = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}');
  const [name] = pods.split(' ') as [string];
  let over = false;
  const replacing = (async () => {
    await cluster.kubectl('delete', 'pod', name); // waits until it is gone
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
  })().finally(() => {
    over = true;
  });
  let failures = 0;
  while (!over) await getFromLoadBalancer(cluster.host, '/').catch(() => (failures += 1));
  await replacing;
  return failures;
}

describe('a load balancer of the policy Local', () => {
  it('a load balancer loses connections to a pod that stops before its health checks have failed', async () => {
    await deploy(0);
    expect(await failuresWhileReplacing()).toBeGreaterThan(0);
  }, 30_000);

  it('a load balancer loses no connection to a pod that serves until its health checks have failed', async () => {
    await deploy(3);
    expect(await failuresWhileReplacing()).toBe(0);
  }, 60_000);
});
