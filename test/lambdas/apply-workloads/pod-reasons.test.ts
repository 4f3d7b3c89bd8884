import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { reasonsOf } from '#lambdas/apply-workloads/pod-reasons.ts';

const pod = (status: object, metadata: object = {}): V1Pod => ({
  metadata: { name: 'web-1', ...metadata },
  status: status as V1PodStatus,
});
const container = (status: object) => ({
  phase: 'Running',
  containerStatuses: [{ name: 'main', image: 'x', imageID: 'x', ready: false, restartCount: 2, ...status }],
});
const terminated = { exitCode: 1, reason: 'Error', message: 'config.js: JOBS_QUEUE_URL is not set' };

describe('reasonsOf', () => {
  it.each([
    [
      'an unschedulable pod',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes: cpu' }],
      },
      'web-1: Unschedulable: 0/1 nodes: cpu',
    ],
    [
      'a container that crashes',
      container({ state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, lastState: { terminated } }),
      'web-1: container main: CrashLoopBackOff, back-off, last run: Error with exit code 1, config.js: JOBS_QUEUE_URL is not set',
    ],
    [
      'a container that has ended',
      container({ state: { terminated } }),
      'web-1: container main: Error with exit code 1, config.js: JOBS_QUEUE_URL is not set',
    ],
    [
      'a container that is not ready',
      container({ state: { running: {} } }),
      'web-1: container main: runs, but is not ready, restarted 2 times',
    ],
    [
      'an evicted pod',
      { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      'web-1: Evicted: low on memory',
    ],
    ['a pod that says nothing', { phase: 'Pending' }, 'web-1: is Pending and not ready'],
  ])('reasonsOf explains %s', (_what, status, reason) => {
    expect(reasonsOf([pod(status)])).toEqual([reason]);
  });

  it('reasonsOf leaves out pods that are ready or being deleted', () => {
    const ready = pod({ conditions: [{ type: 'Ready', status: 'True' }] });
    const leaving = pod({ phase: 'Running' }, { deletionTimestamp: new Date() });
    expect(reasonsOf([ready, leaving])).toEqual([]);
  });

  it('reasonsOf shows the first three pods and the number of the others', () => {
    const pods = Array.from({ length: 5 }, () => pod({ phase: 'Pending' }));
    expect(reasonsOf(pods)).toHaveLength(4);
    expect(reasonsOf(pods).at(-1)).toBe('and 2 more');
  });
});
