import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleDocument } from '#ssm-documents/assemble.ts';
import { createTestHost, type TestHost } from '#support/instances.ts';

describe('install-runtime on a host that is not left alone', () => {
  let test: TestHost;
  beforeEach(async () => {
    test = await createTestHost();
  });
  afterEach(() => test.stop());

  /** Runs the document with changed lines, and others before its first command. */
  function runWith(change: (line: string) => string, before: readonly string[] = []) {
    const content = assembleDocument('install-runtime');
    const [step] = content.mainSteps;
    const [shebang, ...script] = step.inputs.runCommand.map(change);
    const runCommand = [shebang!, ...before, ...script];
    return test.runContent(
      { ...content, mainSteps: [{ ...step, inputs: { ...step.inputs, runCommand } }] },
      { ClusterName: 'stepkube' },
    );
  }

  it('install-runtime installs once if it is started twice at the same time', async () => {
    const outcomes = await Promise.all([test.run('install-runtime'), test.run('install-runtime')]);
    for (const outcome of outcomes) expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    const output = outcomes.map(({ stdout }) => stdout).join('\n');
    expect(output.match(/another document runs on this host/g)).toHaveLength(1);
    expect(output.match(/installed AWS CLI/g)).toHaveLength(1);
  });

  it('install-runtime fails with a clear cause if another document does not end', async () => {
    // This run takes the lock itself, by another open file.
    const lock = ['exec 8>>"$ROOTFS/run/stepkube.lock"', 'flock -n 8'];
    const outcome = await runWith((line) => line.replace(/(host_wait_seconds)=\d+/, '$1=0'), lock);
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(outcome.stderr).toContain('ERROR another document still runs on this host after 0 seconds');
  });

  it.each([
    {
      trouble: 'waits while the first boot locks the package lists',
      printed: 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 576 (apt-get)',
    },
    {
      trouble: 'repeats apt-get when a mirror does not answer',
      printed: 'E: Failed to fetch http://archive.ubuntu.com/ubuntu/dists/noble/InRelease  Connection timed out',
    },
  ])('install-runtime $trouble', async ({ printed }) => {
    await shadow(test, 'apt-get', [
      'if [[ $* == *update && ! -e $ROOTFS/tmp/failed ]]; then',
      '  : >"$ROOTFS/tmp/failed"',
      `  echo '${printed}' >&2`,
      '  exit 100',
      'fi',
      'exec "$ROOTFS/usr/bin/apt-get" "$@"',
    ]);
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(await test.file('tmp/failed')).toBe('');
  });

  it('install-runtime prints what apt-get printed when its trouble does not pass', async () => {
    await shadow(test, 'apt-get', ["echo 'E: Unable to fetch some archives' >&2", 'exit 100']);
    const outcome = await runWith((line) => line.replace(/(apt_seconds)=\d+/, '$1=0'));
    expect(outcome.stderr).toMatch(
      /E: Unable to fetch some archives\n.* ERROR 'apt-get update' still exited 100 after 0 seconds/,
    );
  });

  it.each([
    'E: Unable to locate package conntrack',
    'W: GPG error: https://pkgs.k8s.io: The following signatures were invalid: EXPKEYSIG 234654DA9A296436 isv',
    'E: You don’t have enough free space: No space left on device',
  ])('install-runtime does not repeat what cannot help: %s', async (text) => {
    await shadow(test, 'apt-get', [`echo "${text}" >&2`, 'exit 100']);
    const outcome = await test.run('install-runtime');
    expect(outcome.stderr).toMatch(/ERROR 'apt-get update' cannot succeed: \S/);
  });

  it('install-runtime completes an interrupted dpkg first', async () => {
    await mkdir(join(test.root, 'var/lib/dpkg/updates'), { recursive: true });
    await writeFile(join(test.root, 'var/lib/dpkg/updates/0000'), '');
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(outcome.stdout).toContain('completing an interrupted dpkg');
  });

  it('install-runtime gives a living host the signing key anew', async () => {
    await test.run('install-runtime');
    const key = join(test.root, 'etc/apt/keyrings/kubernetes.asc');
    const current = await readFile(key, 'utf8');
    await writeFile(key, 'the key of last year');
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(await readFile(key, 'utf8')).toBe(current);
  });

  it('install-runtime completes a run that was interrupted before packages were held and modules loaded', async () => {
    await test.run('install-runtime');
    await writeFile(join(test.root, 'var/lib/shim-holds.json'), '[]');
    await rm(join(test.root, 'sys/module/br_netfilter'), { recursive: true });
    const outcome = await test.run('install-runtime');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(await test.file('var/lib/shim-holds.json')).toContain('kubernetes-cni');
    expect(await test.file('proc/sys/net/bridge/bridge-nf-call-iptables')).toBe('1\n');
  });
});

describe('install-runtime fails with a clear cause', () => {
  let test: TestHost;
  beforeEach(async () => {
    test = await createTestHost();
  });
  afterEach(() => test.stop());

  it('install-runtime refuses another version of Ubuntu', async () => {
    await writeFile(join(test.root, 'etc/os-release'), 'VERSION_ID="22.04"\n');
    expect((await test.run('install-runtime')).stderr).toContain('ERROR this host does not run Ubuntu 24.04');
  });

  it('install-runtime refuses a host with cgroup v1', async () => {
    await rm(join(test.root, 'sys/fs/cgroup/cgroup.controllers'));
    expect((await test.run('install-runtime')).stderr).toContain('ERROR this host does not use cgroup v2');
  });

  it('install-runtime refuses a download without the pinned checksum', async () => {
    await shadowCurl(test, '*runc.amd64*', 'something else');
    const outcome = await test.run('install-runtime');
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 1 });
    expect(outcome.stderr).toMatch(/the download of \S+runc\.amd64 does not have sha256 [0-9a-f]{64}/);
    await expect(test.file('usr/local/sbin/runc')).rejects.toThrow('ENOENT');
  });

  it('install-runtime names an expired key of the package repository', async () => {
    await shadow(test, 'gpg', [
      '"$ROOTFS/usr/bin/gpg" "$@" | sed "s/^\\(pub:-:2048:1:[0-9A-F]*\\)::/\\1:1600000000:1700000000/"',
    ]);
    const outcome = await test.run('install-runtime');
    expect(outcome.stderr).toContain('ERROR the signing key of the Kubernetes packages expired on 2023-11-14');
  });

  it('install-runtime refuses a key of the package repository without the pinned fingerprint', async () => {
    const mark = 'stepkube twin: simulated download of https://pkgs.k8s.io/';
    await shadowCurl(test, '*Release.key*', `${mark}\nfingerprint ${'A'.repeat(40)}`);
    const outcome = await test.run('install-runtime');
    expect(outcome.stderr).toMatch(/the key at \S+Release\.key is not DE15B14486CD377B9E876E1A234654DA9A296436/);
    await expect(test.file('etc/apt/sources.list.d/kubernetes.list')).rejects.toThrow('ENOENT');
  });
});

/** Makes curl return other content for one address. */
function shadowCurl(test: TestHost, pattern: string, content: string): Promise<void> {
  return shadow(test, 'curl', [
    `case "$*" in ${pattern}) ;; *) exec "$ROOTFS/usr/bin/curl" "$@" ;; esac`,
    'while [[ $1 != --output ]]; do shift; done',
    `printf '%s\\n' '${content}' >"$2"`,
  ]);
}

/** Puts a script in front of a shim on PATH. */
async function shadow(test: TestHost, program: string, lines: readonly string[]): Promise<void> {
  const path = join(test.root, 'usr/local/sbin', program);
  await writeFile(path, ['#!/usr/bin/env bash', ...lines].join('\n'));
  await chmod(path, 0o755);
}
