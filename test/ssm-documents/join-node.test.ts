import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { snapshotFolder } from '../support/folder-snapshot.ts';
import { caCertHash, createTestHost, plantedToken, type TestHost } from '../support/instances.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const credentials = (expiresAt: string) =>
  JSON.stringify({ endpoint: '10.0.0.10:6443', token: plantedToken, caCertHash, expiresAt });

describe('join-node', () => {
  let test: TestHost;
  afterEach(() => test.stop());

  async function preparedWorker(faults: readonly string[] = []): Promise<void> {
    test = await createTestHost({ role: 'worker', faults });
    expect((await test.run('install-runtime')).status).toBe('Success');
    test.aws.secrets.set('stepkube/join', credentials(inAnHour()));
  }

  it('joins with the stored credentials under the name that EC2 gave', async () => {
    await preparedWorker();
    const outcome = await test.run('join-node');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
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

  it('leaves a member alone, and the token nowhere', async () => {
    await preparedWorker();
    const first = await test.run('join-node');
    const second = await test.run('join-node');
    expect(second).toMatchObject({ status: 'Success', stderr: '' });
    expect(second.stdout).toContain('this host is a member already');
    expect(test.cluster.calls.filter((call) => call === 'join')).toHaveLength(1);
    const files = await snapshotFolder(test.root);
    expect(JSON.stringify([first, second, files])).not.toContain(plantedToken);
  });

  it('clears a join that did not finish, then joins', async () => {
    await preparedWorker(['join-fails:worker']);
    const first = await test.run('join-node');
    expect(first).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(first.stderr).toContain('error execution phase kubelet-start');
    const second = await test.run('join-node');
    expect(second, second.stderr).toMatchObject({ status: 'Success' });
    expect(second.stdout).toContain('cleared a join that had not finished');
  });

  it('says when the control plane has issued no credentials', async () => {
    await preparedWorker();
    test.aws.secrets.set('stepkube/join', undefined);
    const outcome = await test.run('join-node');
    expect(outcome.stderr).toContain('ERROR the secret stepkube/join has no value yet');
    expect(test.cluster.calls).not.toContain('join');
  });

  it('says when the credentials have expired', async () => {
    await preparedWorker();
    test.aws.secrets.set('stepkube/join', credentials('2026-01-01T00:00:00Z'));
    expect((await test.run('join-node')).stderr).toContain('ERROR the join credentials have expired');
  });

  it('joins no host that lost a kernel setting', async () => {
    await preparedWorker();
    await rm(join(test.root, 'proc/sys/net/ipv4/ip_forward'));
    const outcome = await test.run('join-node');
    expect(outcome.stderr).toContain('[ERROR FileContent--proc-sys-net-ipv4-ip_forward]');
  });
});
