import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0 });
});
afterAll(() => cluster.stop());

async function stored(manifest: string, ...name: string[]) {
  await cluster.apply({ 'object.yaml': manifest, 'kustomization.yaml': 'resources: [object.yaml]\n' });
  return JSON.parse(await cluster.kubectl('get', ...name, '--output', 'json'));
}

describe('defaults of the API server', () => {
  it('a PriorityClass preempts unless it says otherwise', async () => {
    const manifest = 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: high }\nvalue: 7\n';
    expect(await stored(manifest, 'priorityclass', 'high')).toMatchObject({ preemptionPolicy: 'PreemptLowerPriority' });
  });

  it('rules of an autoscaler choose the largest change', async () => {
    const manifest = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: default }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  maxReplicas: 3
  behavior: { scaleUp: { policies: [{ type: Pods, value: 1, periodSeconds: 15 }] } }
`;
    expect((await stored(manifest, 'hpa', 'web', '--namespace', 'default')).spec.behavior.scaleUp.selectPolicy).toBe(
      'Max',
    );
  });

  it('a CustomResourceDefinition has no conversion, and leaves preserveUnknownFields out when it is false', async () => {
    const manifest = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.com }
spec:
  group: example.com
  scope: Namespaced
  preserveUnknownFields: false
  names: { kind: Thing, plural: things }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object } }
`;
    const { spec } = await stored(manifest, 'crd', 'things.example.com');
    expect(spec.conversion).toEqual({ strategy: 'None' });
    expect(spec).not.toHaveProperty('preserveUnknownFields');
  });

  it('a DaemonSet has its template generation, its host paths a type, and its mounts no readOnly that is false', async () => {
    const manifest = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: default }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      containers: [{ name: agent, image: agent:1, volumeMounts: [{ name: host, mountPath: /host, readOnly: false }] }]
      volumes: [{ name: host, hostPath: { path: / } }]
`;
    const { metadata, spec } = await stored(manifest, 'daemonset', 'agent', '--namespace', 'default');
    expect(metadata.annotations).toMatchObject({ 'deprecated.daemonset.template.generation': '1' });
    expect(spec.template.spec.volumes[0].hostPath).toEqual({ path: '/', type: '' });
    expect(spec.template.spec.containers[0].volumeMounts).toEqual([{ name: 'host', mountPath: '/host' }]);
  });
});
