import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagedFieldsEntry } from '#local/cluster/apimachinery/object.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;

/** A burning pod takes 30 % of a core, six times this request. */
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
async function entriesOf(resource: string): Promise<readonly ManagedFieldsEntry[]> {
  const object = await cluster.kubectl('get', resource, '-o', 'json', '--show-managed-fields');
  return JSON.parse(object).metadata.managedFields;
}
const readyPods = () =>
  cluster.host.view().pods.filter(({ name, phase, ready }) => name.startsWith('web-') && ready && phase === 'Running');

describe('metrics.k8s.io', () => {
  it('kubectl top shows the CPU and memory that the pod processes use', async () => {
    await waitFor('jsonpath={.status.conditions[?(@.type=="ScalingActive")].status}=True');
    const pods = await cluster.kubectl('top', 'pods', '--no-headers');
    const [, cpu, memory] = /^web-\S+\s+(\d+)m\s+(\d+)Mi/m.exec(pods) ?? [];

    expect(Number(cpu)).toBeLessThan(1000);
    // About what a small Node process takes.
    expect(Number(memory)).toBeGreaterThan(20);
    expect(Number(memory)).toBeLessThan(300);
    expect(await cluster.kubectl('top', 'nodes')).toMatch(/^ip-\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/m);
  }, 30_000);
});

describe('HorizontalPodAutoscaler', () => {
  it('HorizontalPodAutoscaler scales out while pods are busy and in when they are idle', async () => {
    const [busy] = readyPods();
    const listenAddress = 'jsonpath={.metadata.annotations.stepkube\\.dev/loopback-address}';
    const address = await cluster.kubectl('get', 'pod', busy!.name, '-o', listenAddress);
    await fetch(`http://${address}:8080/burn`);
    await waitFor('jsonpath={.spec.replicas}=3', 'deploy/web');
    await cluster.until(() => readyPods().length === 3);
    await getFromLoadBalancer(cluster.host, '/');

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

  it('managedFields tells what the autoscaler wrote from what was applied', async () => {
    const target = { 'f:apiVersion': {}, 'f:kind': {}, 'f:name': {} };
    const autoscalerEntries = await entriesOf('hpa/web');
    const deploymentEntries = await entriesOf('deploy/web');

    expect(autoscalerEntries.map(({ manager, operation, subresource }) => [manager, operation, subresource])).toEqual([
      ['stepkube', 'Apply', undefined],
      ['kube-controller-manager', 'Update', 'status'],
    ]);
    expect(autoscalerEntries[0]).toMatchObject({ fieldsV1: { 'f:spec': { 'f:scaleTargetRef': target } } });
    expect(autoscalerEntries[1]).toMatchObject({ fieldsV1: { 'f:status': { 'f:currentMetrics': {} } } });
    expect(deploymentEntries).toContainEqual(
      expect.objectContaining({
        manager: 'kube-controller-manager',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    );
  });

  it('applying a number of replicas conflicts with the autoscaler that has set another', async () => {
    const manifests = webManifests({ replicas: 2, container });

    await expect(cluster.apply(manifests)).rejects.toThrow(
      /conflict with "kube-controller-manager" with subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
  });

  it('HorizontalPodAutoscaler sets AbleToScale=False with FailedGetScale for a missing target', async () => {
    await cluster.kubectl('patch', 'hpa', 'web', '-p', '{"spec":{"scaleTargetRef":{"name":"nobody"}}}');
    await waitFor('jsonpath={.status.conditions[?(@.type=="AbleToScale")].reason}=FailedGetScale');
  }, 50_000);
});
