import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { crowdedPods } from '#lambdas/spread-pods/crowded.ts';

const node = (name: string, more: Partial<V1Node['spec']> = {}, ready = 'True'): V1Node => ({
  metadata: { name },
  spec: { ...more },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const controlPlane = node('control', {
  taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
});
const nodes = [controlPlane, node('a'), node('b')];

let made = 0;
/** A pod of an owner on a node; each is newer than the one before. */
function pod(owner: string, nodeName: string, changes: Partial<V1Pod['metadata']> = {}, ready = 'True'): V1Pod {
  made += 1;
  return {
    metadata: {
      name: `${owner}-${made}`,
      creationTimestamp: new Date(made * 1000),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
      ...changes,
    },
    spec: {
      nodeName,
      containers: [],
      topologySpreadConstraints: [
        { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
      ],
    },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}
const names = (pods: readonly V1Pod[], among = nodes) => crowdedPods(among, pods).map(({ metadata }) => metadata?.name);

describe('pods that stand together', () => {
  it('the newest pod of each owner on the fullest node is to move when another node has too few', () => {
    const [old, young] = [pod('bot', 'a'), pod('bot', 'a')];
    const other = [pod('detector', 'a'), pod('detector', 'a'), pod('detector', 'a')];
    expect(names([old, young, ...other])).toEqual([young.metadata?.name, other[2]!.metadata?.name]);
  });

  it('pods that are spread as evenly as they can be stay', () => {
    expect(names([pod('bot', 'a'), pod('bot', 'b'), pod('bot', 'a')])).toEqual([]);
  });

  it.each([
    ['cordoned', node('b', { unschedulable: true })],
    ['drained', node('b', { taints: [{ key: 'stepkube.dev/draining', effect: 'NoSchedule' }] })],
    ['not Ready', node('b', {}, 'Unknown')],
  ])('a node that is %s is no place to move to', (_, other) => {
    expect(names([pod('bot', 'a'), pod('bot', 'a')], [node('a'), other])).toEqual([]);
  });

  it('an owner whose pods are on the move already is left alone', () => {
    const leaving = { deletionTimestamp: new Date() };
    expect(names([pod('bot', 'a'), pod('bot', 'a', leaving)])).toEqual([]);
    expect(names([pod('bot', 'a'), pod('bot', 'a', {}, 'False')])).toEqual([]);
  });

  it('pods that may stand together, and pods without an owner, stay', () => {
    const free = [pod('job', 'a'), pod('job', 'a')].map((one) => ({ ...one, spec: { nodeName: 'a', containers: [] } }));
    const orphans = [pod('x', 'a', { ownerReferences: [] }), pod('x', 'a', { ownerReferences: [] })];
    expect(names([...free, ...orphans])).toEqual([]);
  });
});
