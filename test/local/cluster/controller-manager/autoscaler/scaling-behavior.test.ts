import { beforeEach, describe, expect, it } from 'vitest';
import { ScalingHistory } from '#local/cluster/controller-manager/autoscaler/scaling-behavior.ts';
import type { TwinTime } from '#local/contracts/context.ts';

const time: TwinTime = { scale: 1, milliseconds: (seconds) => seconds * 1000, wait: async () => {} };
let nowSeconds: number;
let history: ScalingHistory;

beforeEach(() => {
  nowSeconds = 0;
  history = new ScalingHistory(time, () => nowSeconds * 1000);
});

/** Looks after some seconds, and scales as it is told. */
function look(afterSeconds: number, current: number, wanted: number, behavior?: object) {
  nowSeconds += afterSeconds;
  const spec = { minReplicas: 1, maxReplicas: 100, ...(behavior && { behavior }) };
  const outcome = history.limit({ spec }, current, wanted);
  if (outcome.replicas !== current) history.scaled(current, outcome.replicas);
  return outcome;
}

describe('without a behavior', () => {
  it('doubles or adds four each 15 seconds, whichever is more', () => {
    expect(look(0, 1, 50)).toMatchObject({ replicas: 5, limited: { reason: 'ScaleUpLimit' } });
    expect(look(5, 5, 50)).toMatchObject({ replicas: 5 });
    expect(look(10, 5, 50)).toMatchObject({ replicas: 10 });
    expect(look(15, 10, 50)).toMatchObject({ replicas: 20 });
  });

  it('goes down only when nothing asked for more in the last five minutes, then at once', () => {
    look(0, 10, 10);
    expect(look(60, 10, 2)).toMatchObject({ replicas: 10, able: { reason: 'ScaleDownStabilized' } });
    expect(look(239, 10, 3)).toMatchObject({ replicas: 10 });
    expect(look(2, 10, 2)).toMatchObject({ replicas: 3 });
  });

  it('stays within its bounds and says so', () => {
    expect(look(0, 60, 200)).toMatchObject({ replicas: 100, limited: { reason: 'TooManyReplicas', isLimited: true } });
    expect(look(300, 4, 0)).toMatchObject({ replicas: 1, limited: { reason: 'TooFewReplicas', isLimited: true } });
  });
});

describe('with a behavior', () => {
  it('holds policies over their period, by the policy that allows the most or the least', () => {
    const policies = [
      { type: 'Pods', value: 2, periodSeconds: 60 },
      { type: 'Percent', value: 50, periodSeconds: 60 },
    ];
    const scaleDown = { stabilizationWindowSeconds: 0, policies };
    expect(look(0, 10, 1, { scaleDown })).toMatchObject({ replicas: 5, limited: { reason: 'ScaleDownLimit' } });
    expect(look(30, 5, 1, { scaleDown })).toMatchObject({ replicas: 5 });
    expect(look(31, 5, 1, { scaleDown: { ...scaleDown, selectPolicy: 'Min' } })).toMatchObject({ replicas: 3 });
  });

  it('can forbid a direction', () => {
    expect(look(0, 3, 9, { scaleUp: { selectPolicy: 'Disabled' } })).toMatchObject({ replicas: 3 });
  });

  it('waits with growing for as long as its window says', () => {
    const scaleUp = { stabilizationWindowSeconds: 60 };
    look(0, 3, 3, { scaleUp });
    expect(look(30, 3, 6, { scaleUp })).toMatchObject({ replicas: 3, able: { reason: 'ScaleUpStabilized' } });
    expect(look(31, 3, 6, { scaleUp })).toMatchObject({ replicas: 6 });
  });
});
