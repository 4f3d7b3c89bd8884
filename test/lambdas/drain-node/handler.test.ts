import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DrainProgress } from '#lambdas/drain-node/drain.ts';
import { answerAws } from '#support/aws-answers.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { webManifests } from '#support/cluster-web.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const budget = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec:
  minAvailable: 1
  selector: { matchLabels: { app: web } }
`;

/** Against the twin's API server, disruption budgets and kubelets. */
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 2 });
  await cluster.apply(webManifests({ replicas: 2 }));
  await cluster.apply({ 'kustomization.yaml': 'resources: [pdb.yaml]', 'pdb.yaml': budget });
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
}, 60_000);
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function drain(request: object, given: { startedAt?: string; progress?: DrainProgress } = {}, seconds = 25) {
  answerAws({ GetSecretValue: { SecretString: cluster.adminKubeconfig } });
  const handler = await loadHandler('drain-node', {
    KUBECONFIG_SECRET_ID: 'stepkube/kubeconfig/drainer',
    DRAIN_TIMEOUT_SECONDS: '300',
  });
  const event = { request, drainId: 'drain-1', startedAt: new Date().toISOString(), progress: null, ...given };
  return { progress: (await handler(event, lambdaContext(seconds))) as DrainProgress };
}

const nodes = () => cluster.host.view().nodes.filter(({ role }) => role === 'worker');
const podsOn = (name: string) =>
  cluster.host.view().pods.filter((pod) => pod.node === name && pod.name.startsWith('web-')).length;
const nodeJson = async (name: string) => JSON.parse(await cluster.kubectl('get', 'node', name, '-o', 'json'));

describe('drain-node', () => {
  it('drain-node cordons and taints the node, evicts its pods within their budget, and waits until they are gone', async () => {
    const { name, instanceId } = nodes()[0]!;
    const { progress } = await drain({ instanceId });
    expect(progress).toMatchObject({ done: true, outcome: 'drained', node: name, forced: [], left: [] });
    expect(podsOn(name)).toBe(0);
    expect(progress.evicted.some((pod) => pod.startsWith('default/web-'))).toBe(true);
    const { spec } = await nodeJson(name);
    expect(spec.unschedulable).toBe(true);
    expect(spec.taints).toContainEqual({ key: 'stepkube.dev/draining', value: 'drain-1', effect: 'NoSchedule' });
  }, 60_000);

  it('a drain that is repeated changes nothing', async () => {
    const { name, instanceId } = nodes()[0]!;
    const before = (await nodeJson(name)).metadata.resourceVersion;
    const { progress } = await drain({ instanceId });
    expect(progress).toMatchObject({ outcome: 'drained', evicted: [], forced: [] });
    expect((await nodeJson(name)).metadata.resourceVersion).toBe(before);
  }, 60_000);

  it('two drains of one node at once leave one taint', async () => {
    const { name, instanceId } = nodes()[0]!;
    await drain({ instanceId, mode: 'restore' });
    await Promise.all([drain({ instanceId, mode: 'cordon' }), drain({ instanceId, mode: 'cordon' })]);
    const { spec } = await nodeJson(name);
    expect(spec.taints.filter(({ key }: { key: string }) => key === 'stepkube.dev/draining')).toHaveLength(1);
  });

  it('a drain that is called off puts the node back into service', async () => {
    const { name, instanceId } = nodes()[0]!;
    expect((await drain({ instanceId, mode: 'restore' })).progress).toMatchObject({ outcome: 'restored' });
    const { spec } = await nodeJson(name);
    expect(spec.unschedulable).toBeUndefined();
    expect(spec.taints ?? []).toEqual([]);
  });

  it('a drain before its deadline names the budget that refuses, and goes on after it', async () => {
    await cluster.kubectl('patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":2}}');
    const { name, instanceId } = nodes().find((node) => podsOn(node.name) > 0)!;
    const startedAt = new Date().toISOString();
    const first = await drain({ instanceId, deadlineSeconds: 25 }, { startedAt }, 12);
    expect(first.progress).toMatchObject({ done: false, outcome: 'draining', forced: [] });
    expect(first.progress.left.join('\n')).toMatch(/default\/web-.*The disruption budget web needs 2 healthy pods/);

    const passed = new Date(Date.now() - 60_000).toISOString();
    const second = await drain({ instanceId, deadlineSeconds: 25 }, { startedAt: passed, progress: first.progress });
    expect(second.progress).toMatchObject({ done: true, outcome: 'drained' });
    expect(second.progress.forced.some((pod) => pod.startsWith('default/web-'))).toBe(true);
    expect(second.progress.seconds).toBeGreaterThanOrEqual(first.progress.seconds);
    expect(podsOn(name)).toBe(0);
  }, 90_000);

  it('a drain does not wait for pods of a node whose kubelet is silent: they are replaced elsewhere', async () => {
    await cluster.kubectl('patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":0}}');
    await Promise.all(nodes().map(({ instanceId }) => drain({ instanceId, mode: 'restore' })));
    const { name, instanceId } = nodes().find((node) => podsOn(node.name) > 0)!;
    await cluster.host.stopKubelet(instanceId);
    await cluster.until(() => nodes().some((node) => node.name === name && !node.ready));
    const { progress } = await drain({ instanceId });
    expect(progress).toMatchObject({ done: true, outcome: 'drained', left: [] });
    expect(progress.evicted.some((pod) => pod.startsWith('default/web-'))).toBe(true);
    // Only its kubelet could end them.
    expect(podsOn(name)).toBeGreaterThan(0);
  }, 60_000);

  it('an instance that is no node has nothing to drain', async () => {
    const { progress } = await drain({ instanceId: 'i-0ffffffffffffffff' });
    expect(progress).toMatchObject({ done: true, outcome: 'no-node', evicted: [], left: [] });
  });

  it('drain-node refuses an input with an unknown mode', async () => {
    await expect(drain({ instanceId: 'i-0ffffffffffffffff', mode: 'quickly' })).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('request.mode'),
    });
  });
});
