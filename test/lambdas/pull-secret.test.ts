import { readFile } from 'node:fs/promises';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerAws, awsError } from '#support/aws-answers.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

/** Against the twin's API server, as the user and with the permissions that the functions have. */
let cluster: TestCluster;
let puller: string;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0 });
  const permissions = await readFile(projectPath('workloads', 'addons', 'cluster-access', 'pullers.yaml'), 'utf8');
  await cluster.apply({ 'kustomization.yaml': 'resources: [pullers.yaml]', 'pullers.yaml': permissions });
  puller = await cluster.host.issueKubeconfig({
    clientName: 'stepkube-puller',
    organizations: ['stepkube:pullers'],
    validitySeconds: 3600,
  });
});
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const kubeconfigId = 'stepkube/kubeconfig/puller';
const pullId = 'stepkube/pull';
const dockerConfig = (password: string) => JSON.stringify({ auths: { 'registry.example': { auth: password } } });

/** @param stored by secret; a secret without one is as before the cluster's birth */
async function copy(stored: Readonly<Record<string, string | undefined>>, input: object = {}) {
  answerAws({
    GetSecretValue: ({ SecretId }: { SecretId: string }) => {
      if (stored[SecretId] === undefined) throw awsError('ResourceNotFoundException');
      return { SecretString: stored[SecretId] };
    },
  });
  const handler = await loadHandler('copy-pull-secret', { KUBECONFIG_SECRET_ID: kubeconfigId, PULL_SECRET_ID: pullId });
  return handler(input, lambdaContext(30));
}
const copyPassword = (password: string) => copy({ [kubeconfigId]: puller, [pullId]: dockerConfig(password) });

const json = async (...args: string[]) => JSON.parse(await cluster.kubectl('get', ...args, '-o', 'json'));
const pullSecretOf = (namespace: string) => json('secret', 'ecr-docker-creds', '-n', namespace);
const pullSecretsOfDefault = async (namespace: string): Promise<readonly object[]> =>
  (await json('serviceaccount', 'default', '-n', namespace)).imagePullSecrets;
const contentOf = ({ data }: { data: Record<string, string> }) =>
  Buffer.from(data['.dockerconfigjson']!, 'base64').toString();

describe('copy-pull-secret', () => {
  it('every namespace gets the pull secret, and its default service account names it', async () => {
    const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
    expect(await copyPassword('first')).toMatchObject({ secrets: namespaces, accounts: namespaces });
    const secret = await pullSecretOf('kube-public');
    expect(secret.type).toBe('kubernetes.io/dockerconfigjson');
    expect(contentOf(secret)).toBe(dockerConfig('first'));
    expect(await pullSecretsOfDefault('kube-public')).toEqual([{ name: 'ecr-docker-creds' }]);
  });

  it('a new password replaces the old one in the same object, so that the secret is never absent', async () => {
    const { uid, resourceVersion } = (await pullSecretOf('default')).metadata;
    expect(await copyPassword('second')).toMatchObject({ accounts: [] });
    const replaced = await pullSecretOf('default');
    expect(contentOf(replaced)).toBe(dockerConfig('second'));
    expect(replaced.metadata.uid).toBe(uid);
    expect(replaced.metadata.resourceVersion).not.toBe(resourceVersion);
  });

  it('what is up to date is not written again', async () => {
    expect(await copyPassword('second')).toEqual({ secrets: [], accounts: [] });
  });

  it('a new namespace gets both in one call, and other pull secrets of its service account stay', async () => {
    await cluster.kubectl('create', 'namespace', 'teams');
    const own = { imagePullSecrets: [{ name: 'own' }] };
    await cluster.kubectl('patch', 'serviceaccount', 'default', '-n', 'teams', '--patch', JSON.stringify(own));
    expect(await copyPassword('second')).toEqual({ secrets: ['teams'], accounts: ['teams'] });
    expect(await pullSecretsOfDefault('teams')).toHaveLength(2);
    expect(await pullSecretsOfDefault('teams')).toEqual(
      expect.arrayContaining([{ name: 'own' }, { name: 'ecr-docker-creds' }]),
    );
  });

  it('a secret that somebody has deleted comes back', async () => {
    await cluster.kubectl('delete', 'secret', 'ecr-docker-creds', '-n', 'teams');
    expect(await copyPassword('second')).toEqual({ secrets: ['teams'], accounts: [] });
  });

  it('its permissions reach no other secret and no other service account', async () => {
    const denied = [
      ['get', 'secrets'],
      ['get', 'secret', 'other', '-n', 'teams'],
      ['delete', 'secret', 'ecr-docker-creds', '-n', 'teams'],
      ['get', 'serviceaccounts', '-A'],
      ['get', 'pods', '-A'],
    ];
    for (const command of denied) {
      await expect(cluster.kubectlAs(puller, ...command), command.join(' ')).rejects.toThrow('Forbidden');
    }
  });

  it.each([
    { name: 'the cluster is not born yet', stored: {} },
    { name: 'no password is stored yet', stored: { [kubeconfigId]: 'born' } },
  ])(
    'while $name, the look of every minute is skipped, and a rotation fails by a name that is repeated',
    async ({ stored }) => {
      const given = Object.fromEntries(Object.keys(stored).map((id) => [id, puller]));
      expect(await copy(given, { whenUnreachable: 'skip' })).toEqual({
        skipped: expect.stringContaining('has no value yet'),
      });
      expect((await errorOf(copy(given))).name).toBe('ClusterUnreachableError');
    },
  );
});

describe('store-pull-secret', () => {
  const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
  const token = {
    authorizationToken: 'QVdTOnNlY3JldA==',
    proxyEndpoint: `https://${host}`,
    expiresAt: new Date('2026-11-26T12:00:00Z'),
  };

  async function store(authorizationData: readonly object[]) {
    const sent = answerAws({ GetAuthorizationToken: { authorizationData }, PutSecretValue: {} });
    const handler = await loadHandler('store-pull-secret', { PULL_SECRET_ID: pullId });
    return { result: handler({}, lambdaContext()), sent };
  }

  it("the registry's password is stored in the form of a pull secret, and only its end is told", async () => {
    const { result, sent } = await store([token]);
    expect(await result).toEqual({ expiresAt: '2026-11-26T12:00:00.000Z' });
    expect(sent.at(-1)?.input).toEqual({
      SecretId: pullId,
      SecretString: JSON.stringify({ auths: { [host]: { auth: 'QVdTOnNlY3JldA==' } } }),
    });
  });

  it('an answer without a password fails by name and stores nothing', async () => {
    const { result, sent } = await store([]);
    expect((await errorOf(result)).name).toBe('RegistryTokenMissingError');
    expect(sent.map(({ operation }) => operation)).toEqual(['GetAuthorizationToken']);
  });
});
