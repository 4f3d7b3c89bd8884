import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';
import { type FakeNode, type NodesApi, startNodesApi } from '#support/nodes-api.ts';

const environment = { KUBECONFIG_SECRET_ID: 'stepkube/kubeconfig/viewer', CLUSTER_NAME: 'stepkube' };
const instanceId = 'i-0123456789abcdef0';
let api: NodesApi;

async function look(
  wanted: object,
  GetSecretValue: AwsResponse = { SecretString: api.kubeconfig },
  timeoutSeconds = 30,
) {
  answerAws({ GetSecretValue });
  const handler = await loadHandler('wait-for-nodes', environment);
  return handler(wanted, lambdaContext(timeoutSeconds));
}
/** Long enough to list and watch once. */
const shortSeconds = 3;

describe('wait-for-nodes', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await api.stop();
  });
  const start = async (...nodes: FakeNode[]) => {
    api = await startNodesApi(nodes);
  };

  it('wait-for-nodes returns at once if enough nodes are Ready', async () => {
    await start({ name: 'b' }, { name: 'a' });
    expect(await look({ count: 2 })).toEqual({ ready: ['a', 'b'] });
    expect(api.watches).toHaveLength(0);
  });

  it('wait-for-nodes watches from the listed version until a new node is Ready', async () => {
    await start({ name: 'a' });
    const result = look({ count: 2 });
    await api.change('ADDED', { name: 'b', ready: false });
    await api.change('MODIFIED', { name: 'b', ready: true });
    expect(await result).toEqual({ ready: ['a', 'b'] });
    expect(api.watches[0]?.get('resourceVersion')).toBe('42');
  });

  it('wait-for-nodes does not count a node that was deleted while it watched', async () => {
    api = await startNodesApi([{ name: 'gone', ready: true }]);
    const waiting = look({ count: 2 });
    await api.change('DELETED', { name: 'gone', ready: true });
    await api.change('ADDED', { name: 'b', ready: true });
    await api.change('ADDED', { name: 'c', ready: true });
    expect(await waiting).toEqual({ ready: ['b', 'c'] });
  });

  it('wait-for-nodes lists again after the server has ended the watch', async () => {
    await start({ name: 'a' });
    const result = look({ count: 2 });
    await api.endWatches();
    await api.change('ADDED', { name: 'b' });
    expect(await result).toEqual({ ready: ['a', 'b'] });
  });

  it('wait-for-nodes finds the node of an instance by its provider id', async () => {
    await start({ name: 'a', instanceId: 'i-0fedcba9876543210' });
    const result = look({ instanceId });
    await api.change('ADDED', { name: 'b', instanceId });
    expect(await result).toEqual({ ready: ['b'] });
  });

  it('wait-for-nodes names the Ready nodes, and the others with their reasons, when time is up', async () => {
    await start({ name: 'a' }, { name: 'b', ready: false, reason: 'KubeletNotReady' }, { name: 'c', deleting: true });
    const error = await errorOf(look({ count: 4 }, undefined, shortSeconds));
    expect(error.name).toBe('NodesNotReadyError');
    expect(error.message).toBe(
      'cluster stepkube: 1 of 4 nodes are Ready; Ready: a; b: KubeletNotReady: KubeletNotReady it is; c: is being deleted',
    );
  });

  it('wait-for-nodes says that the node of an instance is not registered', async () => {
    await start({ name: 'a', instanceId: 'i-0fedcba9876543210' });
    const error = await errorOf(look({ instanceId }, undefined, shortSeconds));
    expect(error.message).toBe(`cluster stepkube: the node of ${instanceId} is not registered`);
  });

  it.each([401, 403, 500])('wait-for-nodes throws ClusterUnreachableError if the API answers %i', async (status) => {
    await start();
    api.refuse(status);
    const error = await errorOf(look({ count: 1 }));
    expect(error.name).toBe('ClusterUnreachableError');
    expect(error.message).toContain(`${api.server}: answered HTTP ${status}`);
  });

  it('wait-for-nodes throws ClusterUnreachableError if the connection is refused', async () => {
    await start();
    const gone = await startNodesApi([]);
    await gone.stop();
    const error = await errorOf(look({ count: 1 }, { SecretString: gone.kubeconfig }));
    expect(error.name).toBe('ClusterUnreachableError');
    expect(error.message).toBe(`the Kubernetes API at ${gone.server}: ECONNREFUSED`);
  });

  it('wait-for-nodes throws ClusterUnreachableError as long as there is no kubeconfig', async () => {
    await start();
    const error = await errorOf(
      look({ count: 1 }, () => {
        throw awsError('ResourceNotFoundException');
      }),
    );
    expect(error.name).toBe('ClusterUnreachableError');
    expect(error.message).toContain('stepkube/kubeconfig/viewer');
  });

  it.each(['token: planted-secret-2: {', 'clusters: planted-secret-2', '{"users": ["planted-secret-2"'])(
    'wait-for-nodes does not quote a broken kubeconfig (%#)',
    async (SecretString) => {
      await start();
      const error = await errorOf(look({ count: 1 }, { SecretString }));
      expect(error.name).toBe('KubeconfigInvalidError');
      expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('planted');
    },
  );

  it('wait-for-nodes refuses an input with both a count and an instance, and one with neither', async () => {
    await start();
    expect((await errorOf(look({ count: 1, instanceId }))).name).toBe('InvalidInputError');
    expect((await errorOf(look({}))).name).toBe('InvalidInputError');
  });
});
