import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getFromBalancer, startTestCluster, type TestCluster, webManifests } from '#support/cluster.ts';

let cluster: TestCluster;

/** Of the burning pod: 30 % of a core, six times its request. */
const container = `resources: { requests: { cpu: 50m, memory: 64Mi } }`;
const autoscaler = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 1
  maxReplicas: 3
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 100 } } }]
  behavior: { scaleDown: { stabilizationWindowSeconds: 60 } }
`;

beforeAll(async () => {
  cluster = await startTestCluster({ scale: 100 });
  const manifests = webManifests({ replicas: 1, container });
  manifests['web.yaml'] = manifests['web.yaml']!.replace('replicas: 1', '');
  manifests['kustomization.yaml'] = manifests['kustomization.yaml']!.replace('web.yaml', 'web.yaml, hpa.yaml');
  await cluster.apply({ ...manifests, 'hpa.yaml': autoscaler });
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
}, 60_000);
afterAll(() => cluster?.stop());

const waitFor = (condition: string, resource = 'hpa/web') =>
  cluster.kubectl('wait', resource, `--for=${condition}`, '--timeout=40s');
const readyPods = () =>
  cluster.host.view().pods.filter(({ name, phase, ready }) => name.startsWith('web-') && ready && phase === 'Running');

describe('metrics', () => {
  it('are what the processes really use: kubectl top shows them', async () => {
    await waitFor('jsonpath={.status.conditions[?(@.type=="ScalingActive")].status}=True');
    const pods = await cluster.kubectl('top', 'pods', '--no-headers');
    const [, cpu, memory] = /^web-\S+\s+(\d+)m\s+(\d+)Mi/m.exec(pods) ?? [];

    expect(Number(cpu)).toBeLessThan(1000);
    // A Node process, and not many of them.
    expect(Number(memory)).toBeGreaterThan(20);
    expect(Number(memory)).toBeLessThan(300);
    expect(await cluster.kubectl('top', 'nodes')).toMatch(/^ip-\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/m);
  }, 30_000);
});

describe('a HorizontalPodAutoscaler', () => {
  it('adds pods while they are busy, and takes them away when they rest', async () => {
    const [busy] = readyPods();
    const shown = 'jsonpath={.status.podIP}';
    const address = await cluster.kubectl('get', 'pod', busy!.name, '-o', shown);
    await fetch(`http://${address}:8080/burn`);
    await waitFor('jsonpath={.spec.replicas}=3', 'deploy/web');
    await cluster.until(() => readyPods().length === 3);
    await getFromBalancer(cluster.host, '/');

    expect(await cluster.kubectl('get', 'hpa', 'web')).toMatch(
      /TARGETS\s+MINPODS\s+MAXPODS\s+REPLICAS\s+AGE\s+web\s+Deployment\/web\s+cpu: \d+%\/100%\s+1\s+3\s+\d/,
    );
    expect(await cluster.kubectl('describe', 'hpa', 'web')).toMatch(
      /SuccessfulRescale.*New size: \d; reason: cpu resource utilization \(percentage of request\) above target/,
    );

    await fetch(`http://${address}:8080/rest`);
    await waitFor('jsonpath={.spec.replicas}=1', 'deploy/web');
    await cluster.until(() => readyPods().length === 1);
    expect(await cluster.kubectl('describe', 'hpa', 'web')).toMatch(/New size: 1; reason: All metrics below target/);
  }, 90_000);

  it('says why it cannot scale', async () => {
    await cluster.kubectl('patch', 'hpa', 'web', '-p', '{"spec":{"scaleTargetRef":{"name":"nobody"}}}');
    await waitFor('jsonpath={.status.conditions[?(@.type=="AbleToScale")].reason}=FailedGetScale');
  }, 50_000);
});
