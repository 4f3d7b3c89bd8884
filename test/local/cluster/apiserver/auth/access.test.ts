import { request } from 'node:https';
import { AppsV1Api, CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { issuerUrl, startTestCluster, type TestCluster } from '#support/cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0, network: false });
}, 60_000);
afterAll(() => cluster?.stop());

interface RawResponse {
  readonly status: number;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

function get(path: string, token?: string): Promise<RawResponse> {
  const { clusters } = parse(cluster.adminKubeconfig);
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64');
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const asked = request(`${clusters[0].cluster.server}${path}`, { ca, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode!, body: text.startsWith('{') ? JSON.parse(text) : text });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('authentication and authorization', () => {
  it('a user without a role gets Forbidden in the words of Kubernetes', async () => {
    const nobody = await cluster.host.issueKubeconfig({
      clientName: 'nobody',
      organizations: [],
      validitySeconds: 600,
    });

    await expect(cluster.kubectlAs(nobody, 'get', 'pods')).rejects.toThrow(
      'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    await expect(cluster.kubectlAs(nobody, 'get', 'nodes')).rejects.toThrow('at the cluster scope');
  });

  it('the viewer role allows reading nodes, but no secrets and no deletion', async () => {
    await cluster.kubectl('apply', '--server-side', '-k', `${process.cwd()}/workloads/addons/cluster-access`);
    const viewer = await cluster.host.issueKubeconfig({
      clientName: 'stepkube-viewer',
      organizations: ['stepkube:viewers'],
      validitySeconds: 600,
    });

    expect(await cluster.kubectlAs(viewer, 'get', 'nodes')).toContain('control-plane');
    await expect(cluster.kubectlAs(viewer, 'get', 'secrets', '-A')).rejects.toThrow('cannot list resource "secrets"');
    await expect(cluster.kubectlAs(viewer, 'delete', 'node', '--all')).rejects.toThrow(
      'cannot delete resource "nodes"',
    );
  });

  it('anonymous users may read health endpoints and cluster-info, but no pods', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, body: 'ok' });
    expect(await get('/api/v1/pods')).toMatchObject({
      status: 403,
      body: { kind: 'Status', reason: 'Forbidden', message: expect.stringContaining('User "system:anonymous"') },
    });
    expect(await get('/api/v1/namespaces/kube-public/configmaps/cluster-info')).toMatchObject({ status: 200 });
  });

  it('an unknown bearer token gets 401 Unauthorized', async () => {
    expect(await get('/api/v1/pods', 'a.b.c')).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
  });

  it('a bootstrap token may get one node, but not list nodes', async () => {
    const token = await cluster.host.createToken(600, 'a test');

    expect(await get('/api/v1/nodes', token)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining(`User "system:bootstrap:${token.split('.')[0]}"`) },
    });
    expect((await get(`/api/v1/nodes/${cluster.controlPlane.nodeName}`, token)).status).toBe(200);
  });

  it('the issuer discovery document and public keys are those of the kubeadm configuration', async () => {
    const document = JSON.parse(await cluster.kubectl('get', '--raw', '/.well-known/openid-configuration'));
    const keys = JSON.parse(await cluster.kubectl('get', '--raw', '/openid/v1/jwks'));

    expect(document).toMatchObject({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/openid/v1/jwks` });
    expect(keys.keys).toEqual([expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' })]);
    expect(JSON.stringify(keys)).not.toContain('"d":');
  });
});

describe('@kubernetes/client-node', () => {
  const config = () => {
    const loaded = new KubeConfig();
    loaded.loadFromString(cluster.adminKubeconfig);
    return loaded;
  };

  it('@kubernetes/client-node creates, lists and deletes a ConfigMap', async () => {
    const core = config().makeApiClient(CoreV1Api);
    const namespace = 'default';
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'made' }, data: { a: '1' } } });
    const listed = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=made' });
    await core.deleteNamespacedConfigMap({ namespace, name: 'made' });

    expect(listed.items.map(({ data }) => data)).toEqual([{ a: '1' }]);
    await expect(core.readNamespacedConfigMap({ namespace, name: 'made' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('PUT with an outdated resourceVersion gets a conflict', async () => {
    const core = config().makeApiClient(CoreV1Api);
    const namespace = 'default';
    const first = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'shared' } } });
    await core.replaceNamespacedConfigMap({ namespace, name: 'shared', body: { ...first, data: { a: '1' } } });

    await expect(
      core.replaceNamespacedConfigMap({ namespace, name: 'shared', body: { ...first, data: { a: '2' } } }),
    ).rejects.toThrow('the object has been modified; please apply your changes to the latest version and try again');
  });

  it('a Deployment whose selector does not match its labels is refused', async () => {
    const apps = config().makeApiClient(AppsV1Api);
    const template = { metadata: { labels: { app: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { app: 'a' } }, template };

    await expect(
      apps.createNamespacedDeployment({ namespace: 'default', body: { metadata: { name: 'wrong' }, spec } }),
    ).rejects.toThrow('`selector` does not match template `labels`');
  });

  it('an informer sees added, changed and deleted objects', async () => {
    const core = config().makeApiClient(CoreV1Api);
    const namespace = 'default';
    const informer = makeInformer(
      config(),
      `/api/v1/namespaces/${namespace}/configmaps`,
      () => core.listNamespacedConfigMap({ namespace }),
      'watch=me',
    );
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      for (const verb of ['add', 'update', 'delete'] as const) {
        informer.on(verb, ({ metadata }) => {
          if (metadata?.name !== 'watched') return;
          seen.push(verb);
          if (verb === 'delete') resolve();
        });
      }
    });
    await informer.start();
    const labels = { watch: 'me' };
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched', labels } } });
    await core.replaceNamespacedConfigMap({
      namespace,
      name: 'watched',
      body: { metadata: { name: 'watched', labels }, data: { a: '1' } },
    });
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
    await done;
    await informer.stop();

    expect(seen).toEqual(['add', 'update', 'delete']);
  });
});
