import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SsmDocumentContent } from '#local/contracts/instance.ts';
import versions from '#ssm-documents/versions.json' with { type: 'json' };
import { createTestHost, type TestHost } from '#support/instances.ts';

/** A document whose one step runs these lines. */
function document(lines: readonly string[], rest: Partial<SsmDocumentContent> = {}, timeoutSeconds = '20') {
  const inputs = { runCommand: lines, timeoutSeconds };
  return {
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'test', inputs }],
    ...rest,
  } as const satisfies SsmDocumentContent;
}

const nameParameter = { type: 'String', allowedPattern: '^[a-z]+$', interpolationType: 'ENV_VAR' } as const;

let test: TestHost;
afterEach(() => test.stop());

describe('the agent', () => {
  beforeEach(async () => {
    test = await createTestHost();
  });

  it('the agent runs a script by its shebang, with the document parameters in its environment', async () => {
    const lines = ['#!/usr/bin/env bash', 'set -o pipefail', 'echo "$SSM_Name" "$BASH_VERSION"'];
    const outcome = await test.runContent(document(lines, { parameters: { Name: nameParameter } }), { Name: 'bob' });
    expect(outcome).toMatchObject({ status: 'Success', exitCode: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^bob 5|^bob 4/);
  });

  it.each([
    ['of a wrong pattern', { Name: '$(id)' }, 'Name does not match ^[a-z]+$'],
    ['that is missing', {}, 'parameter Name is missing'],
    ['that is unknown', { Name: 'bob', Other: 'x' }, 'has no parameter Other'],
  ])('the agent refuses a document parameter %s', async (_reason, parameters, message) => {
    const outcome = await test.runContent(document(['echo ran'], { parameters: { Name: nameParameter } }), parameters);
    expect(outcome).toMatchObject({ status: 'Failed', stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toContain('$(id)');
  });

  it('the agent reports the exit code and stderr of a failed script', async () => {
    const outcome = await test.runContent(document(['echo why >&2', 'exit 3']));
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 3 });
    expect(outcome.stderr).toBe('why\nfailed to run commands: exit status 3\n');
  });

  it('the agent keeps the first 24,000 characters of stdout and 8,000 of stderr', async () => {
    const outcome = await test.runContent(document(['printf "%030000d" 0', 'printf "%030000d" 0 >&2']));
    expect(outcome.stdout).toBe(`${'0'.repeat(24_000)}\n---Output truncated---`);
    expect(outcome.stderr).toBe(`${'0'.repeat(8_000)}\n---Output truncated---`);
  });

  it('the agent kills a script and its background processes when the time limit is over', async () => {
    const lines = ['#!/usr/bin/env bash', 'sleep 1000000 &', 'echo $!', 'wait'];
    const outcome = await test.runContent(document(lines, {}, '0.3'));
    expect(outcome).toMatchObject({ status: 'TimedOut', exitCode: 137 });
    await vi.waitFor(() => expect(isRunning(Number(outcome.stdout))).toBe(false));
  });

  it('a script sees only basic Linux programs and no environment of the host machine', async () => {
    const hidden = ['jq', 'node', 'npm', 'kubectl', 'unzip', 'aws'];
    const outcome = await test.runContent(document([`command -v ${hidden.join(' ')}`, 'env']));
    expect(outcome.stdout).not.toMatch(/\/(?:jq|node|npm|kubectl|unzip|aws)$/m);
    const names = outcome.stdout.match(/^\w+(?==)/gm) ?? [];
    const allowed = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'ROOTFS', 'PWD', 'OLDPWD', 'SHLVL', '_'];
    expect(names.filter((name) => !allowed.includes(name) && !name.startsWith('SHIM_'))).toEqual([]);
  });

  it('the fault document-fails fails that document without running it', async () => {
    await test.stop();
    test = await createTestHost({ faults: ['document-fails:init-control-plane'] });
    const outcome = await test.run('init-control-plane');
    expect(outcome).toMatchObject({ status: 'Failed', exitCode: 1, stdout: '' });
    expect(outcome.stderr).toContain('simulated fault: document-fails init-control-plane');
    expect((await test.run('collect-diagnostics')).status).toBe('Success');
  });
});

describe('the metadata service', () => {
  beforeEach(async () => {
    test = await createTestHost();
  });

  it('the instance metadata requires an IMDSv2 token', async () => {
    const address = 'http://169.254.169.254/latest';
    const outcome = await test.runContent(
      document([
        '#!/usr/bin/env bash',
        'apt-get install --yes curl >/dev/null',
        `curl --fail ${address}/meta-data/instance-id || echo "refused $?"`,
        `token=$(curl --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${address}/api/token)`,
        `curl --fail --header "X-aws-ec2-metadata-token: $token" ${address}/meta-data/instance-id`,
      ]),
    );
    expect(outcome.stdout).toBe(`refused 22\n${test.spec.instanceId}`);
    expect(outcome.stderr).toContain('The requested URL returned error: 401');
  });
});

describe('kubeadm init', () => {
  beforeEach(async () => {
    test = await createTestHost();
  });

  it('kubeadm init reports the Kubernetes and containerd versions that install-runtime has installed', async () => {
    expect(await test.run('install-runtime')).toMatchObject({ status: 'Success' });
    expect(await test.run('init-control-plane')).toMatchObject({ status: 'Success' });
    expect(test.cluster.initNode?.software).toEqual({
      kubeletVersion: `v${versions.kubernetes.version}`,
      containerdVersion: versions.containerd.version,
      osImage: 'Ubuntu 24.04.3 LTS (simulated)',
      kernelVersion: '6.14.0-1018-aws',
    });
  });
});

describe('terminating an instance', () => {
  beforeEach(async () => {
    test = await createTestHost();
  });

  it('terminating an instance cancels its command, removes it from the cluster and deletes its folder', async () => {
    const running = test.runContent(document(['#!/usr/bin/env bash', 'touch "$ROOTFS/started"', 'sleep 1000000']));
    await vi.waitFor(() => expect(existsSync(join(test.root, 'started'))).toBe(true));
    await test.host.terminate(test.spec.instanceId);
    expect((await running).status).toBe('Cancelled');
    expect(test.cluster.calls).toEqual(['removeInstance']);
    expect(existsSync(test.root)).toBe(false);
    await expect(test.runContent(document(['true']))).rejects.toThrow('is not running');
  });

  it('stopping the instance host deletes the folders of all instances', async () => {
    await test.host.stop();
    expect(readdirSync(join(test.root, '../..')).filter((name) => name !== 'twin.log')).toEqual([
      'instances',
      'twin.owner',
    ]);
    expect(readdirSync(join(test.root, '..'))).toEqual([]);
  });
});

/** A killed process may remain as a zombie until its parent reads its exit code. */
function isRunning(pid: number): boolean {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return status !== '' && !/^State:\s+Z/m.test(status);
}
