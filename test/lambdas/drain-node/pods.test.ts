import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { caseOf, isCritical } from '#lambdas/drain-node/pods.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const pod = (metadata: object, more: object = {}): V1Pod =>
  ({ metadata: { name: 'web-1', namespace: 'shop', ...metadata }, ...more }) as V1Pod;
const ownedBy = (kind: string) => ({ ownerReferences: [{ kind, name: 'owner', controller: true }] });
const tolerating = (toleration: object) => ({ spec: { containers: [], tolerations: [toleration] } });

describe('caseOf', () => {
  it.each<[string, V1Pod, string]>([
    ['a pod of a ReplicaSet is evicted', pod(ownedBy('ReplicaSet')), 'evict'],
    ['a pod that nobody manages is evicted, too: its node goes away', pod({}), 'evict'],
    ['a finished pod is evicted', pod(ownedBy('Job'), { status: { phase: 'Succeeded' } }), 'evict'],
    ['a pod of a DaemonSet stays', pod(ownedBy('DaemonSet')), 'stays'],
    ['a mirror pod stays', pod({ annotations: { 'kubernetes.io/config.mirror': 'a' } }), 'stays'],
    ['a static pod stays', pod(ownedBy('Node')), 'stays'],
    [
      'a pod that tolerates the drain stays',
      pod({}, tolerating({ key: 'stepkube.dev/draining', operator: 'Exists' })),
      'stays',
    ],
    [
      'a pod that tolerates another drain is evicted',
      pod({}, tolerating({ key: 'stepkube.dev/draining', value: 'other' })),
      'evict',
    ],
    ['a pod that tolerates everything is evicted', pod({}, tolerating({ operator: 'Exists' })), 'evict'],
    ['a pod whose grace runs is waited for', pod({ deletionTimestamp: new Date(now + 20_000) }), 'leaving'],
    ['a pod that ended late is waited for', pod({ deletionTimestamp: new Date(now - 50_000) }), 'leaving'],
    [
      'a pod that is stuck past its grace is not waited for',
      pod({ deletionTimestamp: new Date(now - 61_000) }),
      'stuck',
    ],
  ])('%s', (_what, given, expected) => {
    expect(caseOf(given, 'drain-1', now)).toBe(expected);
  });

  it('critical pods are those of the two system classes', () => {
    expect(isCritical(pod({}, { spec: { priority: 2_000_000_000 } }))).toBe(true);
    expect(isCritical(pod({}, { spec: { priority: 1_999_999_999 } }))).toBe(false);
    expect(isCritical(pod({}))).toBe(false);
  });
});
