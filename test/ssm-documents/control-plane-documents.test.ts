/** The documents that follow init-control-plane on the same host. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caCertHash, createTestHost, plantedKey, plantedToken, type TestHost } from '#support/instances.ts';

let test: TestHost;
beforeAll(async () => {
  test = await createTestHost();
  for (const name of ['install-runtime', 'init-control-plane'] as const) {
    const outcome = await test.run(name);
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success' });
  }
});
afterAll(() => test.stop());

describe('install-network', () => {
  it('install-network installs Calico for the pod CIDR, then the cloud controller manager, and waits for the node', async () => {
    const outcome = await test.run('install-network');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    const calls = await test.file('kubectl-calls');
    const steps = [
      /addons\/calico$/m,
      /^POD_CIDR=10\.244\.0\.0\/16$/m,
      /^rollout status daemonset\/calico-node/m,
      /addons\/cloud-controller-manager$/m,
      /^CLUSTER_NAME=stepkube$/m,
      /^rollout status daemonset\/cloud-controller-manager/m,
      /^wait node\/\S+ --for condition=Ready/m,
    ].map((step) => calls.search(step));
    expect(steps).not.toContain(-1);
    expect(steps).toEqual([...steps].sort((left, right) => left - right));
  });
});

describe('install-addons', () => {
  it('install-addons applies each listed add-on and waits for what runs pods in it', async () => {
    const outcome = await test.run('install-addons');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    const calls = (await test.file('kubectl-calls')).split('\n');
    const applied = calls.findIndex((call) => /^apply .*addons\/metrics-server$/.test(call));
    const rollouts = calls.slice(applied).filter((call) => call.startsWith('rollout status'));
    expect(applied).toBeGreaterThan(0);
    expect(rollouts).toEqual(['rollout status deployment/metrics-server --namespace kube-system --timeout 180s']);
    expect(outcome.stdout).toContain('metrics-server is ready');
  });
});

describe('the cluster autoscaler', () => {
  it('install-addons applies the autoscaler with its role, and removes it where it has none', async () => {
    const role = 'arn:aws:iam::123456789012:role/stepkube-autoscaler';
    const callsAfter = async (earlier: string) => (await test.file('kubectl-calls')).slice(earlier.length);
    const before = await test.file('kubectl-calls');
    const outcome = await test.run('install-addons', { AutoscalerRoleArn: role });
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    const applied = await callsAfter(before);
    expect(applied).toMatch(/^apply .*addons\/cluster-autoscaler$/m);
    expect(applied).toMatch(/^CLUSTER_NAME=stepkube\nAWS_REGION=\S+\nAWS_ROLE_ARN=(\S+)$/m);
    expect(applied).toContain(`AWS_ROLE_ARN=${role}\n`);
    expect(applied).not.toMatch(/^delete /m);

    await test.run('install-addons');
    const removed = await callsAfter(before + applied);
    expect(removed).toMatch(/^delete --kustomize \S+\/cluster-autoscaler --ignore-not-found/m);
    expect(removed).not.toMatch(/^apply .*cluster-autoscaler/m);
  });
});

describe('an add-on that does not become ready', () => {
  it('install-addons prints the end of the log of a failing pod and of its previous container', async () => {
    await writeFile(join(test.root, 'kubectl-rollout-fails'), '');
    const outcome = await test.run('install-addons');
    await rm(join(test.root, 'kubectl-rollout-fails'));
    expect(outcome.status).toBe('Failed');
    expect(outcome.stderr).toContain('== pod pod-broken');
    expect(outcome.stderr).toContain('panic: the last words');
    expect(outcome.stderr).toContain('panic: the words before');
    expect(outcome.stderr).toContain('ERROR deployment/coredns in kube-system is not ready after 180s');
  });

  it('install-addons waits for the API that an add-on serves', async () => {
    await test.run('install-addons');
    expect(await test.file('kubectl-calls')).toMatch(
      /^wait apiservice\/v1beta1\.metrics\.k8s\.io --for condition=Available/m,
    );
  });

  it('the objects of an add-on are counted without warnings', async () => {
    const outcome = await test.run('install-addons');
    expect(outcome.stdout).toContain('metrics-server: 1 objects as wanted');
  });
});

describe('issue-join-credentials', () => {
  const stored = () => JSON.parse(test.aws.secrets.get('stepkube/join') ?? '{}') as Record<string, string>;
  const issued = () => test.cluster.calls.filter((call) => call === 'createToken').length;

  it('issue-join-credentials stores what a worker needs, valid for a day, and prints none of it', async () => {
    const outcome = await test.run('issue-join-credentials');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success', stderr: '' });
    expect(stored()).toEqual({
      endpoint: `${test.spec.privateIp}:6443`,
      token: plantedToken,
      caCertHash,
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const hoursLeft = (Date.parse(stored()['expiresAt'] ?? '') - Date.now()) / 3_600_000;
    expect(hoursLeft).toBeGreaterThan(23.9);
    expect(outcome.stdout).not.toContain(plantedToken);
  });

  it('issue-join-credentials keeps credentials that are fresh', async () => {
    const before = issued();
    const outcome = await test.run('issue-join-credentials');
    expect(outcome.stdout).toContain('join credentials are fresh');
    expect(issued()).toBe(before);
  });

  it.each([
    ['less than half of their life is left', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() }],
    ['they lead elsewhere', { endpoint: '10.9.9.9:6443' }],
    ['the cluster does not know the token', { token: 'zzzzzz.0123456789abcdef' }],
  ])('issue-join-credentials replaces the credentials if %s', async (_reason, spoilt) => {
    test.aws.secrets.set('stepkube/join', JSON.stringify({ ...stored(), ...spoilt }));
    const before = issued();
    const outcome = await test.run('issue-join-credentials');
    expect(outcome, outcome.stderr).toMatchObject({ status: 'Success' });
    expect(issued()).toBe(before + 1);
    expect(stored()['token']).toBe(plantedToken);
  });
});

describe('collect-diagnostics', () => {
  it('collect-diagnostics prints its sections, masks tokens and succeeds', async () => {
    await writeFile(join(test.root, 'proc/meminfo'), `a log line with ${plantedToken}\n`);
    const outcome = await test.run('collect-diagnostics');
    expect(outcome).toMatchObject({ status: 'Success', exitCode: 0 });
    expect(outcome.stdout).toContain('a log line with <token>');
    expect(outcome.stdout).toMatch(/== units\n(?:.*=.*\n|\n)*Id=kubelet\.service\nActiveState=active/);
    const order = ['kubelet errors', 'units', 'etcd log', 'API server log', 'events'].map((title) =>
      outcome.stdout.indexOf(`== ${title}\n`),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((left, right) => left - right));
    expect(outcome.stdout).toContain('== pods that are not running');
    expect(outcome.stdout).not.toContain(plantedToken);
    expect(outcome.stdout).not.toContain(plantedKey);
  });

  it('collect-diagnostics succeeds on a host on which nothing is installed', async () => {
    const fresh = await createTestHost({ role: 'worker' });
    const outcome = await fresh.run('collect-diagnostics');
    await fresh.stop();
    expect(outcome).toMatchObject({ status: 'Success', stderr: '' });
  });
});

describe('on a host that is no control plane', () => {
  it.each(['install-network', 'install-addons', 'issue-join-credentials'])(
    '%s on a host that is no control plane says what to run first',
    async (name) => {
      const fresh = await createTestHost();
      const outcome = await fresh.run(name);
      await fresh.stop();
      expect(outcome.stderr).toContain('ERROR this host is not a control plane: run init-control-plane first');
    },
  );
});
