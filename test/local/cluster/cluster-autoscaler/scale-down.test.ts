import { describe, expect, it } from 'vitest';
import type { PodDisruptionBudget } from '#local/cluster/apimachinery/kinds.ts';
import { unneededNodes } from '#local/cluster/cluster-autoscaler/scale-down.ts';
import { groupOf, podOn, workerNode } from '#support/autoscaled-cluster.ts';

const group = groupOf(['i-1', 'i-2']);
const nodes = [workerNode('i-1'), workerNode('i-2')];
const settings = {
  groupTags: [],
  skipNodesWithLocalStorage: true,
  skipNodesWithSystemPods: true,
  maxGracefulTerminationSeconds: 600,
};
const busy = podOn('i-1', '1000m');
/** The nodes that nobody needs while `pod` is all that runs on the second one. */
const unneededWith = (
  pod: ReturnType<typeof podOn>,
  { budgets = [], ...changed }: Partial<typeof settings> & { budgets?: readonly PodDisruptionBudget[] } = {},
) =>
  unneededNodes(group, { nodes, pods: [busy, pod], budgets }, { ...settings, ...changed }).map(
    ({ instanceId }) => instanceId,
  );

describe('the simulated cluster autoscaler, scaling down', () => {
  it('a node of which less than half is requested is unneeded when its pods have room elsewhere', () => {
    expect(unneededWith(podOn('i-2', '700m'))).toEqual(['i-2']);
    expect(unneededWith(podOn('i-2', '900m'))).toEqual([]);
    const full = { nodes, pods: [podOn('i-1', '1500m'), podOn('i-2', '700m')], budgets: [] };
    expect(unneededNodes(group, full, settings)).toEqual([]);
  });

  it('pods of DaemonSets need no other place', () => {
    const pods = [podOn('i-1', '1700m'), podOn('i-2', '250m', { ownerKind: 'DaemonSet' })];
    const [node] = unneededNodes(group, { nodes, pods, budgets: [] }, settings);
    expect(node).toMatchObject({ instanceId: 'i-2', pods: [] });
  });

  it('a node that is on its way out is not taken again', () => {
    const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }];
    const leaving = { ...nodes[1]!, spec: { ...nodes[1]!.spec, taints } };
    const state = { nodes: [nodes[0]!, leaving], pods: [busy], budgets: [] };
    expect(unneededNodes(group, state, settings)).toEqual([]);
  });

  it('what has no controller, or says so itself, keeps its node', () => {
    const { ownerReferences: _, ...orphan } = podOn('i-2', '100m').metadata;
    expect(unneededWith({ ...podOn('i-2', '100m'), metadata: orphan })).toEqual([]);
    const annotations = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' };
    expect(unneededWith(podOn('i-2', '100m', { annotations }))).toEqual([]);
  });

  it('local storage keeps a node unless the flag says otherwise', () => {
    const pod = podOn('i-2', '100m', { hasLocalStorage: true });
    expect(unneededWith(pod)).toEqual([]);
    expect(unneededWith(pod, { skipNodesWithLocalStorage: false })).toEqual(['i-2']);
  });

  it('a pod of kube-system keeps its node unless it has a budget, which must allow a disruption', () => {
    const budget = (disruptionsAllowed: number) =>
      ({
        metadata: { namespace: 'kube-system' },
        spec: { selector: { matchLabels: { app: 'web' } } },
        status: { disruptionsAllowed },
      }) as unknown as PodDisruptionBudget;
    const pod = podOn('i-2', '100m', { namespace: 'kube-system' });
    expect(unneededWith(pod)).toEqual([]);
    expect(unneededWith(pod, { skipNodesWithSystemPods: false })).toEqual(['i-2']);
    expect(unneededWith(pod, { budgets: [budget(1)] })).toEqual(['i-2']);
    expect(unneededWith(pod, { budgets: [budget(0)], skipNodesWithSystemPods: false })).toEqual([]);
  });
});
