import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snapshotFolder } from '#support/folder-snapshot.ts';
import { caCertHash, createTestHost, plantedToken, type TestHost } from '#support/instances.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const credentials = (expiresAt: string) =>
  JSON.stringify({ endpoint: '10.0.0.10:6443', token: plantedToken, caCertHash, expiresAt });

async function preparedWorker(faults: readonly string[] = []): Promise<TestHost> {
  const test = await createTestHost({ role: 'worker', faults });
  const outcome = await test.run('install-runtime');
  expect(outcome, outcome.stderr).toMatchObject({ status: 'Success' });
  test.aws.secrets.set('stepkube/join', credentials(inAnHour()));
  return test;
}

describe('join-node on a host that is no member', () => {
  let test: TestHost;
  beforeAll(async () => {
    test = await preparedWorker();
  });
  afterAll(() => test.stop());

  it.each([
    ['no credentials have been issued', undefined, 'ERROR the secret stepkube/join has no value yet'],
    ['the credentials have expired', credentials('2026-01-01T00:00:00Z'), 'ERROR the join credentials have expired'],
    ['the credentials are not what the control plane writes', '{}', 'ERROR the join credentials have expired'],
  ])('join-node fails with a clear cause if %s', async (_reason, secret, message) => {
    test.aws.secrets.set('stepkube/join', secret);
    const outcome = await test.run('join-node');
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(outcome.stderr).toContain(message);
    expect(test.cluster.calls).not.toContain('join');
  });

  it("join-node fails with kubeadm's preflight error if the host lost a kernel setting", async () => {
    test.aws.secrets.set('stepkube/join', credentials(inAnHour()));
    const setting = join(test.root, 'proc/sys/net/ipv4/ip_forward');
    await writeFile(setting, '0\n');
    const outcome = await test.run('join-node');
    await writeFile(setting, '1\n');
    expect(outcome.stderr).toContain('[ERROR FileContent--proc-sys-net-ipv4-ip_forward]');
    expect(test.cluster.calls).not.toContain('join');
  });

  it('join-node joins with the stored credentials under the private DNS name, and prints no token', async () => {
    const outcome = await test.run('join-node');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(outcome.stdout).not.toContain(plantedToken);
    expect(test.cluster.joinConfig).toMatchObject({
      kind: 'JoinConfiguration',
      discovery: {
        bootstrapToken: { apiServerEndpoint: '10.0.0.10:6443', token: plantedToken, caCertHashes: [caCertHash] },
      },
      nodeRegistration: {
        name: test.spec.privateDnsName,
        kubeletExtraArgs: expect.arrayContaining([{ name: 'cloud-provider', value: 'external' }]),
      },
    });
    expect((await stat(join(test.root, 'etc/kubernetes/kubelet.conf'))).mode & 0o777).toBe(0o600);
  });

  it('join-node does not change a member, and leaves no token on its disk', async () => {
    const outcome = await test.run('join-node');
    expect(outcome).toMatchObject({ status: 'Success', stderr: '' });
    expect(outcome.stdout).toContain('this host is a member already');
    expect(test.cluster.calls.filter((call) => call === 'join')).toHaveLength(1);
    expect(JSON.stringify(await snapshotFolder(test.root))).not.toContain(plantedToken);
  });
});

describe('a join that was interrupted late', () => {
  it('join-node leaves no token on the disk of a host that was interrupted after it had become a member', async () => {
    const test = await preparedWorker(['join-interrupted:worker']);
    const first = await test.run('join-node');
    expect(first.status).toBe('Failed');
    expect(JSON.stringify(await snapshotFolder(test.root))).toContain(plantedToken);
    expect((await test.run('join-node')).status).toBe('Success');
    const after = JSON.stringify(await snapshotFolder(test.root));
    await test.stop();
    expect(after).not.toContain(plantedToken);
  });
});

describe('a join that did not finish', () => {
  it('join-node resets a join that did not finish, then joins', async () => {
    const test = await preparedWorker(['join-fails:worker']);
    const first = await test.run('join-node');
    const second = await test.run('join-node');
    await test.stop();
    expect(first).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(first.stderr).toContain('error execution phase kubelet-start');
    expect(second, second.stderr).toMatchObject({ status: 'Success' });
    expect(second.stdout).toContain('cleared a join that had not finished');
  });
});
