import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 1 });
  await apply(['low', 'high'].map(priorityClass).join('---'));
}, 60_000);
afterAll(() => cluster?.stop());

const priorityClass = (name: string) => `
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: ${name} }
value: ${name === 'high' ? 2000 : 1000}
preemptionPolicy: Never
`;

const pod = (name: string, className: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  priorityClassName: ${className}
  containers:
    - { name: main, image: registry.k8s.io/pause:3.10, resources: { requests: { cpu: 1200m } } }
`;

const apply = (manifest: string) =>
  cluster.apply({ 'kustomization.yaml': 'resources: [manifest.yaml]', 'manifest.yaml': manifest });
const shown = (name: string, path: string) => cluster.kubectl('get', 'pod', name, '-o', `jsonpath={${path}}`);

describe('PriorityClass', () => {
  it('a pod with an unknown PriorityClass is forbidden', async () => {
    await expect(apply(pod('lost', 'missing'))).rejects.toThrow(
      'pods "lost" is forbidden: no PriorityClass with name missing was found',
    );
  });

  it('of two pending pods, the scheduler places the one with the higher priority first', async () => {
    const [node] = cluster.host.view().nodes.filter(({ role }) => role === 'worker');
    await cluster.kubectl('cordon', node!.name);
    await apply(pod('low', 'low'));
    await apply(pod('high', 'high'));
    expect(await shown('high', '.spec.priority')).toBe('2000');
    expect(await shown('high', '.spec.preemptionPolicy')).toBe('Never');
    await cluster.kubectl('uncordon', node!.name);
    await cluster.kubectl('wait', '--for=condition=PodScheduled', 'pod/high', '--timeout=20s');
    expect(await shown('low', '.spec.nodeName')).toBe('');
    await cluster.kubectl('delete', 'pod', 'high', '--wait=false');
    await cluster.kubectl('wait', '--for=condition=PodScheduled', 'pod/low', '--timeout=20s');
  });
});
