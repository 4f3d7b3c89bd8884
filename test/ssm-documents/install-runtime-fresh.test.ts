import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snapshotFolder } from '#support/folder-snapshot.ts';
import { createTestHost, type TestHost } from '#support/instances.ts';

describe('install-runtime on a fresh host', () => {
  let test: TestHost;
  beforeAll(async () => {
    test = await createTestHost();
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
  });
  afterAll(() => test.stop());

  it('install-runtime sets the private DNS name as host name, also for the next boot', async () => {
    expect(await test.file('etc/hostname')).toBe(`${test.spec.privateDnsName}\n`);
    expect(await test.file('etc/cloud/cloud.cfg.d/99-stepkube.cfg')).toContain('preserve_hostname: true');
  });

  it('install-runtime turns swap off, also for the next boot', async () => {
    expect((await test.file('proc/swaps')).trim().split('\n')).toHaveLength(1);
    expect(await test.file('etc/fstab')).toMatch(/^# stepkube: \/swap\.img/m);
    expect(await test.file('etc/fstab')).toMatch(/^LABEL=cloudimg-rootfs \/ ext4/m);
  });

  it('install-runtime loads kernel modules and settings, also for the next boot', async () => {
    expect(await test.file('etc/modules-load.d/stepkube.conf')).toBe('overlay\nbr_netfilter\n');
    expect(await test.file('etc/sysctl.d/99-stepkube.conf')).toContain('net.ipv4.ip_forward = 1');
    expect(await test.file('proc/sys/net/bridge/bridge-nf-call-iptables')).toBe('1\n');
  });

  it('install-runtime lets a shutdown wait for the kubelet, whatever the drop-in of unattended-upgrades says', async () => {
    expect(await test.file('run/shim-logind-delay')).toBe('100');
  });

  it('install-runtime configures containerd with the systemd cgroup driver and the pinned sandbox image', async () => {
    const config = await test.file('etc/containerd/config.toml');
    expect(config).toMatch(/^version = 3$/m);
    expect(config).toContain("sandbox = 'registry.k8s.io/pause:3.10.2'");
    expect(config).toMatch(/runtimes\.runc\.options\]\n {2}SystemdCgroup = true/);
  });

  it('install-runtime holds the Kubernetes packages at the pinned version', async () => {
    expect(JSON.parse(await test.file('var/lib/shim-holds.json'))).toEqual([
      'kubeadm',
      'kubectl',
      'kubelet',
      'kubernetes-cni',
    ]);
    expect(JSON.parse(await test.file('var/lib/shim-packages.json'))).toMatchObject({ kubelet: '1.36.3-1.1' });
  });

  it('install-runtime installs the credential provider for ECR', async () => {
    expect(await test.file('etc/stepkube/credential-provider.yaml')).toContain('*.dkr.ecr.*.amazonaws.com');
    expect(await test.file('usr/local/lib/kubelet-credential-providers/ecr-credential-provider')).toContain(
      'simulated',
    );
  });

  it('install-runtime changes nothing when it runs again', async () => {
    const ignored = (path: string) => /^(?:tmp|var\/lib\/amazon)\//.test(path);
    const before = await snapshotFolder(test.root, ignored);
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(outcome.stdout.trim().split('\n')).toHaveLength(1);
    expect(await snapshotFolder(test.root, ignored)).toEqual(before);
  });

  it('install-runtime leaves no temporary file behind', async () => {
    expect(await snapshotFolder(join(test.root, 'tmp'))).toEqual({});
  });

  it('install-runtime refuses a host of another cluster', async () => {
    const outcome = await test.run('install-runtime', { ClusterName: 'other' });
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(outcome.stderr).toContain('this host belongs to cluster stepkube, not to other');
  });

  it('install-runtime does not change the version of a node', async () => {
    const packages = JSON.parse(await test.file('var/lib/shim-packages.json')) as object;
    const file = join(test.root, 'var/lib/shim-packages.json');
    await writeFile(file, JSON.stringify({ ...packages, kubelet: '1.36.1-1.1' }));
    await test.runContent({
      schemaVersion: '2.2',
      mainSteps: [
        {
          action: 'aws:runShellScript',
          name: 'makeNode',
          inputs: { runCommand: ['mkdir -p "$ROOTFS/etc/kubernetes"; echo x > "$ROOTFS/etc/kubernetes/kubelet.conf"'] },
        },
      ],
    });
    const outcome = await test.run('install-runtime');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('this host is a node and its packages are not kubelet=1.36.3-1.1: upgrade it');
  });
});
