import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { snapshotFolder } from '#support/folder-snapshot.ts';
import { createTestHost, plantedKey, type TestHost } from '#support/instances.ts';

const issuer = 'https://issuer-bucket.s3.us-east-1.amazonaws.com';

async function preparedHost(): Promise<TestHost> {
  const test = await createTestHost();
  const outcome = await test.run('install-runtime');
  expect(outcome, outcome.stderr).toMatchObject({ status: 'Success' });
  return test;
}

describe('init-control-plane', () => {
  let test: TestHost;
  beforeAll(async () => {
    test = await preparedHost();
    const outcome = await test.run('init-control-plane');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(outcome.stdout).not.toContain(plantedKey);
  });
  afterAll(() => test.stop());

  it('init-control-plane passes the configured cluster to kubeadm', () => {
    const { spec } = test;
    expect(test.cluster.initConfig?.cluster).toMatchObject({
      clusterName: 'stepkube',
      kubernetesVersion: 'v1.36.3',
      controlPlaneEndpoint: `${spec.privateIp}:6443`,
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' },
      apiServer: {
        certSANs: [spec.privateIp, spec.privateDnsName, '127.0.0.1'],
        extraArgs: [
          { name: 'service-account-issuer', value: issuer },
          { name: 'service-account-jwks-uri', value: `${issuer}/openid/v1/jwks` },
        ],
      },
    });
  });

  it('init-control-plane sets no cloud provider for the API server, which would not start', () => {
    const config = test.cluster.initConfig?.cluster as Record<string, object>;
    expect(JSON.stringify(config['controllerManager'])).toContain('cloud-provider');
    expect(JSON.stringify(config['apiServer'])).not.toContain('cloud-provider');
  });

  it('init-control-plane registers the node under its EC2 name, instance id and address', () => {
    expect(test.cluster.initConfig?.init).toMatchObject({
      localAPIEndpoint: { advertiseAddress: test.spec.privateIp, bindPort: 6443 },
      nodeRegistration: {
        name: test.spec.privateDnsName,
        criSocket: 'unix:///run/containerd/containerd.sock',
        kubeletExtraArgs: expect.arrayContaining([
          { name: 'cloud-provider', value: 'external' },
          { name: 'provider-id', value: `aws:///us-east-1a/${test.spec.instanceId}` },
          { name: 'node-ip', value: test.spec.privateIp },
          { name: 'image-credential-provider-config', value: '/etc/stepkube/credential-provider.yaml' },
        ]),
      },
    });
  });

  it('init-control-plane writes a kubeadm configuration that only root can read', async () => {
    expect((await stat(join(test.root, 'etc/stepkube/kubeadm-init.yaml'))).mode & 0o777).toBe(0o600);
  });

  it('init-control-plane publishes the issuer documents as JSON', () => {
    for (const key of ['.well-known/openid-configuration', 'openid/v1/jwks']) {
      expect(test.aws.objects.get(`issuer-bucket/${key}`)).toMatchObject({ contentType: 'application/json' });
    }
  });

  it.each(['deployer', 'drainer', 'viewer'])('init-control-plane stores a kubeconfig for the %s', (role) => {
    const stored = test.aws.secrets.get(`stepkube/kubeconfig/${role}`) ?? '';
    expect(stored).toMatch(/^# expires \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/);
    expect(stored).toContain(`name: stepkube-${role}`);
    expect(test.cluster.calls).toContain(`issueKubeconfig stepkube-${role}`);
  });

  it('init-control-plane applies the RBAC rules of the kubeconfigs', async () => {
    expect(await test.file('kubectl-calls')).toMatch(/apply --server-side .*cluster-access/);
  });

  it('init-control-plane changes nothing when it runs again', async () => {
    const ignored = (path: string) => /^(?:tmp\/|var\/lib\/amazon\/|kubectl-calls)/.test(path);
    const before = await snapshotFolder(test.root, ignored);
    const calls = [...test.cluster.calls];
    const writes = test.aws.writes.length;
    const outcome = await test.run('init-control-plane');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(await snapshotFolder(test.root, ignored)).toEqual(before);
    expect(test.cluster.calls).toEqual(calls);
    expect(test.aws.writes.slice(writes)).toEqual([]);
  });

  it('init-control-plane starts a kubelet that is down', async () => {
    await test.runContent({
      schemaVersion: '2.2',
      mainSteps: [{ action: 'aws:runShellScript', name: 'stop', inputs: { runCommand: ['systemctl stop kubelet'] } }],
    });
    expect((await test.run('init-control-plane')).status).toBe('Success');
    expect(test.cluster.calls.slice(-2)).toEqual(['stopKubelet', 'startKubelet']);
  });

  it.each([
    ['is about to expire', (stored: string) => stored.replace(/^# expires .*/, '# expires 2026-01-01T00:00:00Z')],
    ['leads to another cluster', (stored: string) => stored.replace('Q0E=', 'T1RIRVI=')],
  ])('init-control-plane renews a kubeconfig that %s, and no other', async (_reason, spoil) => {
    const name = 'stepkube/kubeconfig/viewer';
    test.aws.secrets.set(name, spoil(test.aws.secrets.get(name) ?? ''));
    const writes = test.aws.writes.length;
    expect((await test.run('init-control-plane')).status).toBe('Success');
    expect(test.aws.writes.slice(writes)).toEqual([name]);
  });

  it('init-control-plane leaves no temporary file behind', async () => {
    expect(await snapshotFolder(join(test.root, 'tmp'))).toEqual({});
  });
});

describe('an interrupted init-control-plane', () => {
  let test: TestHost;
  beforeEach(async () => {
    test = await preparedHost();
  });
  afterEach(() => test.stop());

  /** Runs init-control-plane while the cluster does not come up. */
  async function interrupt(): Promise<void> {
    const { init } = test.cluster;
    test.cluster.init = async () => {
      throw new Error('the API server did not come up');
    };
    const first = await test.run('init-control-plane');
    test.cluster.init = init;
    expect(first).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(first.stderr).toContain('the API server did not come up');
    expect(first.stderr).toContain("'kubeadm init' exited 1");
  }
  const etcdData = () => join(test.root, 'var/lib/etcd');
  const pki = (name: string) => join(test.root, 'etc/kubernetes/pki', name);

  it('an init-control-plane that was interrupted with data is repeated over what exists, without a reset', async () => {
    await interrupt();
    const second = await test.run('init-control-plane');
    expect(second, second.stderr).toMatchObject({ status: 'Success' });
    expect(second.stdout).toContain('an earlier creation was interrupted: running it again over its data');
    expect(test.cluster.calls.filter((call) => call === 'init')).toHaveLength(1);
  });

  it.each([
    ['a certificate is empty', 'apiserver.crt', 'empty'],
    ['a certificate is missing', 'front-proxy-client.crt', 'missing'],
    ["the authority's certificate is empty", 'ca.crt', 'empty'],
    ["the authority's key is missing", 'ca.key', 'missing'],
    ["the service accounts' key is empty", 'sa.key', 'empty'],
  ] as const)(
    'an init-control-plane that was interrupted without data starts from nothing when %s',
    async (_reason, name, state) => {
      await interrupt();
      await rm(etcdData(), { recursive: true });
      await (state === 'empty' ? writeFile(pki(name), '') : rm(pki(name)));
      const second = await test.run('init-control-plane');
      expect(second, second.stderr).toMatchObject({ status: 'Success', stderr: '' });
      expect(second.stdout).toContain('interrupted before there was data: starting from nothing');
    },
  );

  it.each([
    ['apiserver.crt', 'empty'],
    ['etcd/peer.crt', 'missing'],
    ['apiserver-etcd-client.key', 'empty'],
  ] as const)('with data, the torn pair of %s (%s) is made again', async (name, state) => {
    await interrupt();
    await (state === 'empty' ? writeFile(pki(name), '') : rm(pki(name)));
    const second = await test.run('init-control-plane');
    expect(second, second.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(second.stdout).toContain(`the certificate ${name.replace(/\.\w+$/, '')} is made again`);
  });

  it.each(['ca.key', 'etcd/ca.crt', 'sa.key'])('with data, a torn %s is named and nothing is changed', async (name) => {
    await interrupt();
    await writeFile(pki(name), '');
    const second = await test.run('init-control-plane');
    expect(second).toMatchObject({ status: 'Failed' });
    expect(second.stderr).toContain(
      `ERROR etcd has data, and /etc/kubernetes/pki/${name} is missing or empty: restore it from a backup`,
    );
    expect(await readFile(join(etcdData(), 'member/snap/db'), 'utf8')).not.toBe('');
  });
});

describe('init-control-plane on a slow host', () => {
  it("init-control-plane waits four minutes for the API server's first answer", async () => {
    const test = await createTestHost({ faults: ['api-server-slow:control-plane'] });
    await test.run('install-runtime');
    const outcome = await test.run('init-control-plane');
    await test.stop();
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success' });
  });
});

describe('a shutdown of the control plane', () => {
  it('init-control-plane fails when logind does not grant the shutdown grace of the kubelet', async () => {
    const test = await preparedHost();
    await rm(join(test.root, 'etc/systemd/logind.conf.d/zz-stepkube.conf'));
    await test.runContent({
      schemaVersion: '2.2',
      mainSteps: [
        { action: 'aws:runShellScript', name: 'restart', inputs: { runCommand: ['systemctl restart systemd-logind'] } },
      ],
    });
    const impatient = (line: string) => line.replace(/wait_until 30 ('the kubelet to hold)/, 'wait_until 1 $1');
    const outcome = await test.run('init-control-plane', {}, impatient);
    await test.stop();
    expect(outcome.status).toBe('Failed');
    expect(outcome.stderr).toContain('ERROR gave up waiting for the kubelet to hold a shutdown up');
  });
});

describe('init-control-plane without a metadata entry', () => {
  it('init-control-plane without a metadata entry fails before it writes a configuration', async () => {
    const test = await preparedHost();
    const curl = join(test.root, 'usr/local/sbin/curl');
    const script = 'case "$*" in *instance-id) exit 28 ;; *) exec "$ROOTFS/usr/bin/curl" "$@" ;; esac\n';
    await writeFile(curl, `#!/usr/bin/env bash\n${script}`, { mode: 0o755 });
    const outcome = await test.run('init-control-plane');
    const written = await test.file('etc/stepkube/kubeadm-init.yaml').catch(() => 'nothing');
    await test.stop();
    expect(outcome).toMatchObject({ status: 'Failed' });
    expect(outcome.stderr).toContain('ERROR cannot read the instance metadata instance-id');
    expect(written).toBe('nothing');
  });
});

describe('init-control-plane before install-runtime', () => {
  it('init-control-plane before install-runtime says that kubeadm is missing', async () => {
    const test = await createTestHost();
    const outcome = await test.run('init-control-plane');
    await test.stop();
    expect(outcome.status).toBe('Failed');
    expect(outcome.stderr).toContain('ERROR kubeadm is missing: run install-runtime first');
  });
});
