import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import versions from '#ssm-documents/versions.json' with { type: 'json' };
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 2 });
}, 60_000);
afterAll(() => cluster?.stop());

describe('kubectl', () => {
  it('kubectl apply -k and rollout status bring a Deployment up', async () => {
    const applied = await cluster.apply(webManifests());
    const rollout = await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');

    expect(applied).toContain('deployment.apps/web serverside-applied');
    expect(rollout).toContain('deployment "web" successfully rolled out');
    expect(await cluster.kubectl('get', 'deploy', 'web', '--no-headers')).toMatch(/^web\s+2\/2\s+2\s+2\s/);
  });

  it('kubectl get prints pods, nodes and Services in the columns of the real server', async () => {
    const pods = await cluster.kubectl('get', 'pods', '-o', 'wide');
    const nodes = await cluster.kubectl('get', 'nodes', '-o', 'wide');

    expect(pods).toMatch(/NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE/);
    expect(pods).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5}\s+1\/1\s+Running\s+0\s/m);
    expect(nodes).toMatch(/Ready\s+control-plane\s+\S+\s+v1\.36\./);
    expect(await cluster.kubectl('get', 'svc', 'web')).toMatch(
      /LoadBalancer\s+10\.96\.\S+\s+\S+\.elb\.us-east-1\.amazonaws\.com\s+80:\d+\/TCP/,
    );
  });

  it('the server, the nodes and kubeadm images have the versions that are installed', async () => {
    const { serverVersion } = JSON.parse(await cluster.kubectl('version', '-o', 'json'));
    const nodes = await cluster.kubectl('get', 'nodes', '-o', 'wide', '--no-headers');
    const images = await cluster.kubectl('get', 'pods', '-n', 'kube-system', '-o', 'jsonpath={..image}');
    const kubernetesVersion = `v${versions.kubernetes.version}`;

    expect(serverVersion.gitVersion).toBe(kubernetesVersion);
    for (const node of nodes.trim().split('\n')) {
      expect(node).toContain(` ${kubernetesVersion} `);
      expect(node).toMatch(new RegExp(`containerd://${versions.containerd.version}$`));
    }
    for (const component of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy']) {
      expect(images).toContain(`registry.k8s.io/${component}:${kubernetesVersion}`);
    }
  });

  it('kubectl describe shows the events of a pod, and kubectl logs its output', async () => {
    const name = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
    const described = await cluster.kubectl('describe', 'pod', name);
    const log = await cluster.kubectl('logs', 'deploy/web', '--tail=1');

    expect(described).toContain('Successfully assigned default/web-');
    expect(described).toMatch(/Controlled By:\s+ReplicaSet\/web-/);
    expect(log).toBe('listening, version one\n');
  });

  it('kubectl apply of the same manifests leaves the resourceVersion unchanged', async () => {
    const version = () => cluster.kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.metadata.resourceVersion}');
    const before = await version();
    await cluster.apply(webManifests());

    expect(await version()).toBe(before);
  });

  it('kubectl rollout restart, rollout undo and scale work on a Deployment', async () => {
    const pids = async () => (await getFromLoadBalancer(cluster.host, '/')).pid;
    const first = await pids();
    await cluster.kubectl('rollout', 'restart', 'deploy/web');
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    expect(await pids()).not.toBe(first);

    await cluster.kubectl('rollout', 'undo', 'deploy/web');
    await cluster.kubectl('scale', 'deploy/web', '--replicas=1');
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    expect(await cluster.kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('1');
  });

  it('kubectl drain respects the PodDisruptionBudget', async () => {
    await cluster.apply({
      'kustomization.yaml': 'resources: [budget.yaml]',
      'budget.yaml':
        'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 1, selector: { matchLabels: { app: web } } }',
    });
    const node = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].spec.nodeName}');
    const pod = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
    const eviction = path.join(cluster.folder, 'eviction.json');
    await writeFile(eviction, JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } }));
    await expect(
      cluster.kubectl('create', '--raw', `/api/v1/namespaces/default/pods/${pod}/eviction`, '-f', eviction),
    ).rejects.toThrow("Cannot evict pod as it would violate the pod's disruption budget");

    await cluster.kubectl('cordon', node);
    await cluster.kubectl('scale', 'deploy/web', '--replicas=2');
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    await cluster.kubectl('drain', node, '--ignore-daemonsets', '--timeout=20s');
    const left = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}');
    expect(left).not.toContain(node);
    await expect(cluster.kubectl('get', 'pod', pod)).rejects.toThrow(`pods "${pod}" not found`);
    await cluster.kubectl('uncordon', node);
  }, 40_000);

  it('a custom resource can be created as soon as its definition is applied', async () => {
    await cluster.apply({
      'kustomization.yaml': 'resources: [definition.yaml]',
      'definition.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: pools.example.com }
spec:
  group: example.com
  scope: Cluster
  names: { kind: Pool, plural: pools, singular: pool }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
      additionalPrinterColumns: [{ name: CIDR, type: string, jsonPath: .spec.cidr }]
`,
    });
    await cluster.kubectl('wait', 'crd/pools.example.com', '--for=condition=Established', '--timeout=10s');
    await cluster.apply({
      'kustomization.yaml': 'resources: [pool.yaml]',
      'pool.yaml': 'apiVersion: example.com/v1\nkind: Pool\nmetadata: { name: main }\nspec: { cidr: 10.244.0.0/16 }',
    });

    expect(await cluster.kubectl('get', 'pools')).toMatch(/main\s+10\.244\.0\.0\/16/);
  });

  it('kubectl delete --cascade=foreground deletes a Deployment with its ReplicaSets and pods', async () => {
    await cluster.kubectl('delete', 'deploy', 'web', '--cascade=foreground', '--timeout=20s');

    expect(await cluster.kubectl('get', 'rs,pods', '-o', 'name')).toBe('');
    await expect(cluster.kubectl('get', 'deploy', 'web')).rejects.toThrow(
      'Error from server (NotFound): deployments.apps "web" not found',
    );
  });

  it('a StatefulSet creates its pods and volume claims', async () => {
    await cluster.apply({
      'kustomization.yaml': 'resources: [set.yaml]',
      'set.yaml': `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: base }
spec:
  replicas: 2
  serviceName: base
  selector: { matchLabels: { app: base } }
  template:
    metadata: { labels: { app: base } }
    spec: { containers: [{ name: main, image: 'postgres:18' }] }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`,
    });
    await cluster.kubectl('rollout', 'status', 'sts/base', '--timeout=20s');
    const names = await cluster.kubectl('get', 'pods,pvc', '-o', 'name', '--sort-by=.metadata.name');

    expect(names.split('\n')).toEqual(expect.arrayContaining(['pod/base-0', 'pod/base-1']));
    expect(names).toContain('persistentvolumeclaim/data-base-1');
    await cluster.kubectl('delete', 'sts/base', '--cascade=foreground', '--timeout=20s');
  });

  it('kubectl create, create token and auth can-i work with protobuf bodies', async () => {
    await cluster.kubectl('create', 'configmap', 'made', '--from-literal=apple=1', '--from-literal=pear=');
    await cluster.kubectl('create', 'secret', 'generic', 'hidden', '--from-literal=word=sesame');
    await cluster.kubectl('create', 'clusterrole', 'reader', '--verb=get,list', '--resource=pods,deployments.apps');
    const shown = await cluster.kubectl('get', 'configmap/made', 'secret/hidden', '-o', 'jsonpath={.items[*].data}');
    const token = await cluster.kubectl('create', 'token', 'default', '--audience=somebody');

    expect(shown).toBe('{"apple":"1","pear":""} {"word":"c2VzYW1l"}');
    expect(token.split('.')).toHaveLength(3);
    expect(await cluster.kubectl('auth', 'can-i', 'delete', 'nodes')).toBe('yes\n');
    expect(await cluster.kubectl('auth', 'whoami')).toContain('kubernetes-admin');
    expect(await cluster.kubectl('get', 'clusterrole', 'reader', '-o', 'jsonpath={.rules[1].apiGroups}')).toBe(
      '["apps"]',
    );
  });

  it('kubectl delete namespace deletes the objects in it', async () => {
    await cluster.apply({
      'kustomization.yaml': `
namespace: shop
resources: [namespace.yaml]
configMapGenerator: [{ name: prices, literals: [apple=1], options: { disableNameSuffixHash: true } }]
`,
      'namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }',
    });
    await cluster.kubectl('delete', 'namespace', 'shop', '--timeout=10s');

    await expect(cluster.kubectl('get', 'configmap', 'prices', '-n', 'shop')).rejects.toThrow('not found');
  });
});
