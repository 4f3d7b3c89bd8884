import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerAws } from '#support/aws-answers.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints:
        - topologyKey: kubernetes.io/hostname
          maxSkew: 1
          whenUnsatisfiable: DoNotSchedule
          nodeTaintsPolicy: Honor
          labelSelector: { matchLabels: { app: web } }
      containers: [{ name: web, image: registry.k8s.io/pause:3.10 }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }
`;

/** Against the twin's API server and scheduler: a control plane and one worker, to which another one comes. */
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 1 });
  await cluster.apply({ 'kustomization.yaml': 'namespace: default\nresources: [web.yaml]', 'web.yaml': deployment });
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
});
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function spread() {
  answerAws({ GetSecretValue: { SecretString: cluster.adminKubeconfig } });
  const handler = await loadHandler('spread-pods', { KUBECONFIG_SECRET_ID: 'stepkube/kubeconfig/drainer' });
  return handler({ 'detail-type': 'EC2 Instance Launch Successful' }, lambdaContext());
}

const webNodes = () =>
  cluster.host
    .view()
    .pods.filter(({ name, ready }) => name.startsWith('web-') && ready)
    .map(({ node }) => node);

describe('spread-pods', () => {
  it('while all pods have only one node to be on, nothing is moved', async () => {
    expect(new Set(webNodes()).size).toBe(1);
    expect(await spread()).toEqual({ evicted: [] });
  });

  it('when a worker has joined, one of two pods that stand together moves to it, and then nothing more', async () => {
    const { nodeName } = await cluster.addWorker();
    await cluster.kubectl('wait', `node/${nodeName}`, '--for=condition=Ready', '--timeout=20s');
    expect(await spread()).toEqual({ evicted: [expect.stringMatching(/^default\/web-/)] });
    await expect.poll(() => webNodes().includes(nodeName), { timeout: 20_000 }).toBe(true);
    await expect.poll(webNodes, { timeout: 20_000 }).toHaveLength(2);
    expect(await spread()).toEqual({ evicted: [] });
  });
});
