import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

const apiService = `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1.things.example.com }
spec:
  group: things.example.com
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: { name: things, namespace: default, port: 443 }
`;
const service = `
apiVersion: v1
kind: Service
metadata: { name: things, namespace: default }
spec: { selector: { app: things }, ports: [{ port: 443 }] }
`;
const daemonSet = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: things, namespace: default }
spec:
  minReadySeconds: 60
  selector: { matchLabels: { app: things } }
  template:
    metadata: { labels: { app: things } }
    spec: { containers: [{ name: things, image: things:1 }] }
`;
const apply = (name: string, content: string) =>
  cluster.apply({ [name]: content, 'kustomization.yaml': `resources: [${name}]\n` });
const reason = () =>
  cluster.kubectl('get', 'apiservice', 'v1.things.example.com', '--output', 'jsonpath={.status.conditions[0].reason}');

it('an APIService is Available when a pod of its Service is ready, and says before what is missing', async () => {
  await apply('api-service.yaml', apiService);
  await cluster.kubectl('wait', 'apiservice/v1.things.example.com', '--for', 'condition=Available=False');
  expect(await reason()).toBe('ServiceNotFound');
  await apply('service.yaml', service);
  await cluster.kubectl(
    ...[
      'wait',
      'apiservice/v1.things.example.com',
      '--for',
      'jsonpath={.status.conditions[0].reason}=MissingEndpoints',
    ],
  );

  const started = performance.now();
  await apply('daemon-set.yaml', daemonSet);
  await cluster.kubectl('wait', 'apiservice/v1.things.example.com', '--for', 'condition=Available', '--timeout', '20s');
  await cluster.kubectl('rollout', 'status', 'daemonset/things', '--timeout', '20s');
  // A DaemonSet's pod counts as available after minReadySeconds, which pass at the twin's speed.
  expect(performance.now() - started).toBeGreaterThan(cluster.context.time.milliseconds(60) - 1000);
  expect(await cluster.kubectl('get', 'daemonset/things', '--output', 'jsonpath={.status.numberAvailable}')).toBe('1');
});
