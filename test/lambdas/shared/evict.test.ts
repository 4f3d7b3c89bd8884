import { ApiException, type CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { describe, expect, it, vi } from 'vitest';
import { evict } from '#lambdas/shared/cluster/evict.ts';

const pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'uid-1' },
  spec: { containers: [], terminationGracePeriodSeconds: 45 },
} as V1Pod;
const refusal = (code: number, body: object = {}) => new ApiException(code, 'refused', JSON.stringify(body), {});

function apiThat(createNamespacedPodEviction: () => Promise<object>) {
  const calls = {
    createNamespacedPodEviction: vi.fn(createNamespacedPodEviction),
    deleteNamespacedPod: vi.fn(async () => ({})),
  };
  return { calls, context: { api: calls as unknown as CoreV1Api, server: 'https://cluster:6443' } };
}

describe('evict', () => {
  it('a pod is evicted by its UID with its own grace', async () => {
    const { calls, context } = apiThat(async () => ({}));
    expect(await evict(pod, { ...context, secondsLeft: 300 })).toEqual({ outcome: 'evicted' });
    expect(calls.createNamespacedPodEviction).toHaveBeenCalledWith({
      name: 'web-1',
      namespace: 'shop',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'web-1', namespace: 'shop' },
        deleteOptions: { gracePeriodSeconds: 45, preconditions: { uid: 'uid-1' } },
      },
    });
  });

  it.each([
    [20.9, 20],
    [0.4, 1],
  ])('with %d s to the deadline the grace is %d s', async (secondsLeft, grace) => {
    const { calls, context } = apiThat(async () => ({}));
    await evict(pod, { ...context, secondsLeft });
    const [[{ body }]] = calls.createNamespacedPodEviction.mock.calls as unknown as [
      [{ body: { deleteOptions: object } }],
    ];
    expect(body.deleteOptions).toMatchObject({ gracePeriodSeconds: grace });
  });

  it('after the deadline the pod is deleted past its disruption budget, with one second of grace', async () => {
    const { calls, context } = apiThat(async () => ({}));
    expect(await evict(pod, { ...context, secondsLeft: 0 })).toEqual({ outcome: 'forced' });
    expect(calls.createNamespacedPodEviction).not.toHaveBeenCalled();
    expect(calls.deleteNamespacedPod).toHaveBeenCalledWith({
      name: 'web-1',
      namespace: 'shop',
      body: { gracePeriodSeconds: 1, preconditions: { uid: 'uid-1' } },
    });
  });

  it.each([404, 409])('an answer of %d means that this pod is gone', async (code) => {
    const { context } = apiThat(() => Promise.reject(refusal(code)));
    expect(await evict(pod, { ...context, secondsLeft: 300 })).toEqual({ outcome: 'gone' });
  });

  it.each([
    [
      429,
      { details: { causes: [{ message: 'The disruption budget web needs 2 healthy pods and has 2 currently' }] } },
      'needs 2 healthy pods',
    ],
    [500, { message: 'This pod has more than one PodDisruptionBudget' }, 'more than one PodDisruptionBudget'],
    [403, { message: 'namespace shop is being terminated' }, 'being terminated'],
  ])('an answer of %d is a refusal with its reason, to be tried again', async (code, body, reason) => {
    const { context } = apiThat(() => Promise.reject(refusal(code, body)));
    const eviction = await evict(pod, { ...context, secondsLeft: 300 });
    expect(eviction).toEqual({ outcome: 'refused', why: expect.stringMatching(`^shop/web-1: .*${reason}`) });
  });

  it('an API server that does not answer is an error of its own', async () => {
    const { context } = apiThat(() =>
      Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })),
    );
    await expect(evict(pod, { ...context, secondsLeft: 300 })).rejects.toMatchObject({
      name: 'ClusterUnreachableError',
      message: 'the Kubernetes API at https://cluster:6443: ECONNREFUSED',
    });
  });
});
