import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0, network: false });
  // The overlays contain it, but a dry run does not create it for the objects inside.
  await cluster.kubectl('create', 'namespace', 'stepkube');
}, 60_000);
afterAll(() => cluster?.stop());

const deployment = ({ replicas = '1', container = '', spec = '' } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  ${spec}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: 'web:1', ${container} }]
`;
const resource = (manifest: string) => ({ 'kustomization.yaml': 'resources: [web.yaml]', 'web.yaml': manifest });
const apply = (manifest: string, ...options: string[]) =>
  cluster.apply(resource(manifest), '--dry-run=server', ...options);
const file = async (command: 'create' | 'apply', manifest: string, ...options: string[]) => {
  const at = path.join(cluster.folder, 'one.yaml');
  await writeFile(at, manifest);
  return cluster.kubectl(command, '-f', at, '--dry-run=server', ...options);
};

describe('server-side apply', () => {
  it('server-side apply reports an unknown field with the keys of its list items', async () => {
    await expect(apply(deployment({ container: 'imagePulPolicy: Always' }))).rejects.toThrow(
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="web"].imagePulPolicy: field not declared in schema',
    );
  });

  it('server-side apply reports all unknown fields and wrong types at once', async () => {
    const wrong = deployment({ replicas: 'two', spec: 'replica: 1', container: 'env: [{ name: N, value: 8080 }]' });
    const message = await apply(wrong).then(String, String);

    expect(message).toContain('errors:\n  .spec.replica: field not declared in schema');
    expect(message).toContain('.spec.replicas: expected numeric (int or float), got *value.valueUnstructured');
    expect(message).toContain(
      '.spec.template.spec.containers[name="web"].env[name="N"].value: expected string, got &value.valueUnstructured{Value:8080}',
    );
  });

  it('server-side apply accepts numbers as quantities, port names or numbers, and null', async () => {
    const container = `resources: { limits: { cpu: 1, memory: 128Mi } }, command: null,
        livenessProbe: { httpGet: { port: 80 } }, readinessProbe: { httpGet: { port: http } }`;

    expect(await apply(deployment({ container }))).toContain('deployment.apps/web serverside-applied');
  });
});

describe('POST and PUT', () => {
  it('an object with an unknown field is refused unless the client sets --validate=ignore', async () => {
    const wrong = deployment({ container: 'imagePulPolicy: Always' });
    const message =
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].imagePulPolicy"';

    await expect(file('create', wrong)).rejects.toThrow(message);
    await expect(file('apply', wrong)).rejects.toThrow(message);
    expect(await file('create', wrong, '--validate=ignore')).toContain('deployment.apps/web created');
  });

  it('an object with a field of a wrong type is refused even with --validate=ignore', async () => {
    await expect(file('create', deployment({ replicas: 'two' }), '--validate=ignore')).rejects.toThrow(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });
});

describe("the project's manifests", () => {
  const workloads = path.resolve('workloads');

  it.each([
    'manifests/overlays/production',
    'manifests/overlays/development',
    'addons/cloud-controller-manager',
    'addons/cluster-access',
    'addons/metrics-server',
  ])(
    'workloads/%s fits the schema of Kubernetes 1.36',
    async (folder) => {
      const options = ['--server-side', '--dry-run=server', '--field-manager=stepkube'];
      const applied = await cluster.kubectl('apply', ...options, '-k', path.join(workloads, folder));

      expect(applied).toMatch(/serverside-applied/);
      expect(applied).not.toContain('field not declared');
    },
    30_000,
  );
});
