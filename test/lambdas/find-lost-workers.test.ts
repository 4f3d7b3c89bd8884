import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerAws, awsError } from '#support/aws-answers.ts';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

/** Against the twin's API server and kubelets: one control plane, three workers. */
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ workers: 3 });
});
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function find(lostAfterSeconds: number, kubeconfig: string | undefined = cluster.adminKubeconfig) {
  answerAws({
    GetSecretValue: () => {
      if (kubeconfig === '') throw awsError('ResourceNotFoundException');
      return { SecretString: kubeconfig };
    },
  });
  const handler = await loadHandler('find-lost-workers', {
    KUBECONFIG_SECRET_ID: 'stepkube/kubeconfig/viewer',
    LOST_AFTER_SECONDS: String(lostAfterSeconds),
    ROUND_SECONDS: '60',
  });
  return handler({}, lambdaContext());
}

const nodes = (role: string) => cluster.host.view().nodes.filter((node) => node.role === role);
const worker = (index: number) => nodes('worker')[index]!;

async function silence({ instanceId, name }: { instanceId: string; name: string }): Promise<void> {
  await cluster.host.stopKubelet(instanceId);
  await cluster.until(() => cluster.host.view().nodes.some((node) => node.name === name && !node.ready));
}

describe('find-lost-workers', () => {
  it('while every worker is Ready, and before the cluster is born, there is nothing to tell', async () => {
    expect(await find(0.001)).toEqual({ outcome: 'none' });
    expect(await find(0.001, '')).toEqual({ outcome: 'none' });
  });

  it('a control plane that is silent is not replaced as a worker', async () => {
    const [controlPlane] = nodes('control-plane');
    await silence(controlPlane!);
    expect(await find(0.001)).toEqual({ outcome: 'none' });
    await cluster.host.startKubelet(controlPlane!.instanceId);
  });

  it('a worker that has been silent for too long is to be replaced, one that has been silent for a while is not', async () => {
    await silence(worker(0));
    const { instanceId, name } = worker(0);
    expect(await find(600)).toEqual({ outcome: 'none' });
    expect(await find(0.001)).toEqual({
      outcome: 'replace',
      instanceId,
      node: name,
      reason: expect.stringMatching(/^NodeStatusUnknown since 2/),
    });
  });

  it('a worker that is being drained is on its way already', async () => {
    await cluster.kubectl('taint', 'node', worker(0).name, 'stepkube.dev/draining=drain-1:NoSchedule');
    expect(await find(0.001)).toEqual({ outcome: 'none' });
    await cluster.kubectl('taint', 'node', worker(0).name, 'stepkube.dev/draining-');
  });

  it('when more than half of the workers are silent none is replaced, and somebody is told once', async () => {
    await silence(worker(1));
    expect(await find(0.001)).toEqual({ outcome: 'many', nodes: [worker(0).name, worker(1).name].sort().join(', ') });
    // Somebody was told a minute and more ago.
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 90_000);
    expect(await find(0.001)).toEqual({ outcome: 'none' });
  });
});
