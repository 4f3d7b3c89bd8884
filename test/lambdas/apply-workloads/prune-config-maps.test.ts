import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Kubectl, prepareKubectl } from '#lambdas/apply-workloads/kubectl.ts';
import { pruneConfigMaps } from '#lambdas/apply-workloads/prune-config-maps.ts';
import { logger } from '#lambdas/shared/task.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';

const limits = { timeoutSeconds: 20, signal: new AbortController().signal };

/** The real kubectl, as the deployer and as a viewer, with the roles of workloads/addons, on the twin's cluster. */
let cluster: TestCluster;
let folder: string;
let deployer: Kubectl;
let viewer: Kubectl;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0, network: false });
  folder = await mkdtemp(join(tmpdir(), 'prune-config-maps-'));
  await cluster.kubectl('create', 'namespace', 'stepkube');
  await cluster.kubectl('apply', '--server-side', '-k', projectPath('workloads/addons/cluster-access'));
  deployer = await kubectlOf('deployer');
  viewer = await kubectlOf('viewer');
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

async function kubectlOf(user: string): Promise<Kubectl> {
  const home = join(folder, user);
  await mkdir(home);
  const organizations = [`stepkube:${user}s`];
  const text = await cluster.host.issueKubeconfig({ clientName: user, organizations, validitySeconds: 600 });
  return prepareKubectl(await kubectlPath(), home, { text, server: 'https://the-test-cluster:6443' });
}

/**
 * Of these five are in no history, so that at least two are neither that nor among the newest three: which those are is
 * open, because times of creation are whole seconds.
 */
const earlier = ['1', '2', '3', '4', '5', '6', '7'];
let deployments = 0;
/** Applies a service whose settings are this text, as apply-workloads does. @returns the applied objects */
async function deploy(service: string, settings: string): Promise<KubernetesObject[]> {
  deployments += 1;
  const target = join(folder, String(deployments));
  await mkdir(target);
  const labels = { 'app.kubernetes.io/name': service, 'app.kubernetes.io/part-of': 'stepkube' };
  await writeFile(
    join(target, 'kustomization.yaml'),
    JSON.stringify({
      namespace: 'stepkube',
      labels: [{ includeTemplates: true, pairs: labels }],
      resources: ['deployment.yaml'],
      configMapGenerator: [{ name: `${service}-parameters`, literals: [`TEXT=${settings}`] }],
    }),
  );
  await writeFile(
    join(target, 'deployment.yaml'),
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: service },
      spec: {
        replicas: 0, // nothing runs here, and a ReplicaSet without pods counts as well
        revisionHistoryLimit: 2,
        selector: { matchLabels: { 'app.kubernetes.io/name': service } },
        template: {
          spec: {
            containers: [{ name: 'main', image: 'x', envFrom: [{ configMapRef: { name: `${service}-parameters` } }] }],
          },
        },
      },
    }),
  );
  const output = await deployer(['apply', '--server-side', '--output=json', '-k', target], limits);
  await deployer(['rollout', 'status', `deployment/${service}`, '--namespace=stepkube', '--timeout=20s'], limits);
  return (JSON.parse(output) as { items: KubernetesObject[] }).items;
}

/** The settings that are stored for a service, oldest first. */
async function storedSettings(service: string): Promise<string[]> {
  const selector = `--selector=app.kubernetes.io/name=${service}`;
  const query = ['get', 'configmaps', '--namespace=stepkube', selector, '--output=json'];
  const { items } = JSON.parse(await deployer(query, limits)) as { items: { data: { TEXT: string } }[] };
  return items.map(({ data }) => data.TEXT).sort();
}

async function replicaSetsOf(service: string): Promise<number> {
  const selector = `--selector=app.kubernetes.io/name=${service}`;
  const query = ['get', 'replicasets', '--namespace=stepkube', selector, '--output=name'];
  return (await deployer(query, limits)).trim().split('\n').length;
}

describe('pruneConfigMaps', () => {
  it('pruneConfigMaps removes what no ReplicaSet of the history refers to, as the deployer may', async () => {
    for (const settings of earlier) await deploy('polybot', settings);
    const applied = await deploy('polybot', '8');
    // The history of two besides the current one; the controller trims it a moment later.
    await expect.poll(() => replicaSetsOf('polybot'), { timeout: 10_000 }).toBe(3);
    expect(await storedSettings('polybot')).toEqual([...earlier, '8']);

    const deleted = await pruneConfigMaps(deployer, applied, limits);
    expect(deleted.length).toBeGreaterThanOrEqual(2);
    const stored = await storedSettings('polybot');
    expect(stored).toHaveLength(8 - deleted.length);
    expect(stored).toEqual(expect.arrayContaining(['6', '7', '8']));
    expect(await pruneConfigMaps(deployer, applied, limits)).toEqual([]);
  });

  it('pruneConfigMaps keeps a ConfigMap that a pod still uses, and whatever is not a generated one of ours', async () => {
    for (const settings of earlier) await deploy('yolo5', settings);
    const applied = await deploy('yolo5', '8');
    await expect.poll(() => replicaSetsOf('yolo5'), { timeout: 10_000 }).toBe(3);
    const [first] = await namesOfSettings('yolo5', '1');
    const volumes = [{ name: 'settings', projected: { sources: [{ configMap: { name: first } }] } }];
    await create('v1', 'Pod', 'terminating', { spec: { containers: [{ name: 'main', image: 'x' }], volumes } });
    const labels = { 'app.kubernetes.io/name': 'yolo5', 'app.kubernetes.io/part-of': 'stepkube' };
    await create('v1', 'ConfigMap', 'yolo5-parameters', { data: { TEXT: 'by hand' } }, labels);
    await create('v1', 'ConfigMap', 'other-parameters-bcdfghkmt2', { data: { TEXT: 'of another' } }, labels);
    await create('v1', 'ConfigMap', 'yolo5-parameters-bcdfghkmt2', { data: { TEXT: 'not ours' } });

    await pruneConfigMaps(deployer, applied, limits);
    expect(await storedSettings('yolo5')).toEqual(
      expect.arrayContaining(['1', '6', '7', '8', 'by hand', 'of another']),
    );
    expect(await namesOfSettings('yolo5', 'not ours')).toEqual([]); // it has no labels
    await deployer(['get', 'configmap', 'yolo5-parameters-bcdfghkmt2', '--namespace=stepkube'], limits);
  });

  it('pruneConfigMaps logs that it may not delete, and the deployment goes on', async () => {
    for (const settings of earlier) await deploy('metering', settings);
    const applied = await deploy('metering', '8');
    await expect.poll(() => replicaSetsOf('metering'), { timeout: 10_000 }).toBe(3);
    const warn = vi.spyOn(logger, 'warn').mockImplementation(() => undefined);
    expect(await pruneConfigMaps(viewer, applied, limits)).toEqual([]);
    expect(warn).toHaveBeenCalledWith('ConfigMaps of earlier deployments are not removed', {
      namespace: 'stepkube',
      reason: expect.stringContaining('forbidden'),
    });
    expect(await storedSettings('metering')).toHaveLength(8);
  });
});

describe('pruneConfigMaps among unused ConfigMaps', () => {
  it('pruneConfigMaps keeps the newest three of each, for a deployment that has just begun', async () => {
    const configMap = (base: string, hash: string, day: number) => ({
      kind: 'ConfigMap',
      metadata: {
        name: `${base}-${hash.repeat(10)}`,
        namespace: 'stepkube',
        labels: { 'app.kubernetes.io/part-of': 'stepkube' },
        creationTimestamp: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`,
      },
    });
    const of = (base: string) => ['b', 'c', 'd', 'f', 'g'].map((hash, index) => configMap(base, hash, 20 - index));
    const items = [...of('polybot-parameters'), ...of('yolo5-parameters')];
    const calls: string[] = [];
    const kubectl: Kubectl = async (args) => {
      calls.push(args.join(' '));
      return args[0] === 'get' ? JSON.stringify({ items }) : '';
    };
    // What was applied is an old one again.
    const applied = [configMap('polybot-parameters', 'g', 16), configMap('yolo5-parameters', 'b', 20)];
    await pruneConfigMaps(kubectl, applied as unknown as KubernetesObject[], limits);
    const outdated = ['polybot-parameters-ffffffffff', 'yolo5-parameters-ffffffffff', 'yolo5-parameters-gggggggggg'];
    expect(calls).toEqual([
      'get configmaps,replicasets.apps,pods --namespace=stepkube --output=json',
      `delete configmaps ${outdated.join(' ')} --namespace=stepkube --ignore-not-found --wait=false`,
    ]);
  });
});

async function namesOfSettings(service: string, text: string): Promise<string[]> {
  const selector = `--selector=app.kubernetes.io/name=${service}`;
  const query = ['get', 'configmaps', '--namespace=stepkube', selector, '--output=json'];
  const { items } = JSON.parse(await deployer(query, limits)) as {
    items: { metadata: { name: string }; data: { TEXT: string } }[];
  };
  return items.filter(({ data }) => data.TEXT === text).map(({ metadata }) => metadata.name);
}

async function create(apiVersion: string, kind: string, name: string, rest: object, labels: object = {}) {
  const file = join(folder, `${name}.json`);
  const metadata = { name, namespace: 'stepkube', labels };
  await writeFile(file, JSON.stringify({ apiVersion, kind, metadata, ...rest }));
  await cluster.kubectl('create', '-f', file);
}
