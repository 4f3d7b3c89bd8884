import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '#local/cluster/apimachinery/kinds.ts';
import { preferenceOf } from '#local/cluster/apimachinery/node-selection.ts';
import { violatesSpread } from '#local/cluster/scheduler/topology-spread.ts';

const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';
const node = (name: string, taints: readonly string[] = []): Node =>
  ({
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...(name === 'cp' && { [controlPlaneLabel]: '' }) } },
    spec: { taints: taints.map((key) => ({ key, effect: 'NoSchedule' })) },
  }) as unknown as Node;
const nodes = [node('cp', [controlPlaneLabel]), node('a'), node('b')];

const constraint = {
  topologyKey: 'kubernetes.io/hostname',
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  nodeTaintsPolicy: 'Honor',
  labelSelector: { matchLabels: { app: 'web' } },
  matchLabelKeys: ['pod-template-hash'],
};
const pod = (nodeName: string | undefined, hash = 'new', spread: object = constraint): Pod =>
  ({
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web', 'pod-template-hash': hash } },
    spec: { ...(nodeName && { nodeName }), topologySpreadConstraints: [spread] },
  }) as unknown as Pod;
const fits = (candidate: Pod, placed: readonly Pod[], among = nodes) =>
  among.filter((one) => !violatesSpread(candidate, one, among, placed)).map(({ metadata }) => metadata.name);

describe('topologySpreadConstraints', () => {
  it('DoNotSchedule puts the second pod on another node than the first', () => {
    expect(fits(pod(undefined), [pod('a')])).toEqual(['cp', 'b']);
  });

  it('a node whose taints the pod does not tolerate counts only without nodeTaintsPolicy Honor', () => {
    const placed = [pod('a'), pod('b')];
    expect(fits(pod(undefined), placed)).toContain('a');
    // The control plane has none: with it, a second pod on a worker is one too many.
    expect(fits(pod(undefined, 'new', { ...constraint, nodeTaintsPolicy: 'Ignore' }), placed)).not.toContain('a');
  });

  it('matchLabelKeys leaves out the pods of the version before', () => {
    expect(fits(pod(undefined), [pod('a', 'old')])).toContain('a');
  });

  it('a cordoned node does not keep pods off the only other one', () => {
    const cordoned = [node('a'), node('b', ['node.kubernetes.io/unschedulable'])];
    expect(fits(pod(undefined), [pod('a')], cordoned)).toContain('a');
  });
});

describe('preferred node affinity', () => {
  it('a node counts by the weights of the preferences that it has', () => {
    const preferring = {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 75, preference: { matchExpressions: [{ key: controlPlaneLabel, operator: 'DoesNotExist' }] } },
            { weight: 25, preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] } },
          ],
        },
      },
    } as unknown as Pod['spec'];
    expect(nodes.map((one) => preferenceOf(preferring, one))).toEqual([0, 0.75, 1]);
  });
});
