import { describe, expect, it } from 'vitest';
import { nodesToAdd } from '#local/cluster/cluster-autoscaler/scale-up.ts';
import { groupOf, podOn, workerNode } from '#support/autoscaled-cluster.ts';

const full = podOn('i-1', '1800m');
const pending = (cpu: string, count: number) => Array.from({ length: count }, () => podOn(undefined, cpu));

describe('the simulated cluster autoscaler, scaling up', () => {
  it('as many nodes are added as the pods without room need together', () => {
    const state = { nodes: [workerNode('i-1')], pods: [full, ...pending('900m', 3)], budgets: [] };
    expect(nodesToAdd(groupOf(['i-1']), state)).toBe(2);
  });

  it('pods of DaemonSets take their share of each new node', () => {
    const daemon = podOn('i-1', '250m', { ownerKind: 'DaemonSet' });
    const state = {
      nodes: [workerNode('i-1')],
      pods: [podOn('i-1', '1550m'), daemon, ...pending('900m', 2)],
      budgets: [],
    };
    expect(nodesToAdd(groupOf(['i-1']), state)).toBe(2);
  });

  it('nodes that are on their way count', () => {
    const state = { nodes: [workerNode('i-1')], pods: [full, ...pending('900m', 3)], budgets: [] };
    expect(nodesToAdd(groupOf(['i-1', 'i-2'], { desired: 2 }), state)).toBe(1);
    expect(nodesToAdd(groupOf(['i-1', 'i-2', 'i-3'], { desired: 3 }), state)).toBe(0);
  });

  it('the maximum of the group is kept', () => {
    const state = { nodes: [workerNode('i-1')], pods: [full, ...pending('1800m', 9)], budgets: [] };
    expect(nodesToAdd(groupOf(['i-1'], { maximum: 3 }), state)).toBe(2);
  });

  it('no node is added for a pod that would not fit on an empty one', () => {
    const state = { nodes: [workerNode('i-1')], pods: [full, ...pending('3', 1)], budgets: [] };
    expect(nodesToAdd(groupOf(['i-1']), state)).toBe(0);
  });

  it('a group without a node grows by what its instance type has', () => {
    expect(nodesToAdd(groupOf([]), { nodes: [], pods: pending('1500m', 2), budgets: [] })).toBe(2);
  });

  it('a pod that the scheduler has not looked at yet adds nothing', () => {
    const unseen = { ...podOn(undefined, '1800m'), status: {} };
    expect(nodesToAdd(groupOf(['i-1']), { nodes: [workerNode('i-1')], pods: [full, unseen], budgets: [] })).toBe(0);
  });
});
