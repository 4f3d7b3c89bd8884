import { beforeEach, describe, expect, it } from 'vitest';
import { ScalingHistory } from '#local/cluster/controller-manager/autoscaler/scaling-behavior.ts';
import { createTime } from '#local/context/time.ts';

const time = createTime(1);
let nowSeconds: number;
let history: ScalingHistory;

beforeEach(() => {
  nowSeconds = 0;
  history = new ScalingHistory(time, () => nowSeconds * 1000);
});

/** Evaluates the autoscaler some seconds later and scales as far as the behavior allows. */
function evaluate(afterSeconds: number, current: number, recommended: number, behavior?: object) {
  nowSeconds += afterSeconds;
  const spec = { minReplicas: 1, maxReplicas: 100, ...(behavior && { behavior }) };
  const outcome = history.limit(spec, current, recommended);
  if (outcome.replicas !== current) history.recordScaling(current, outcome.replicas);
  return outcome;
}

describe('ScalingHistory without spec.behavior', () => {
  it('the default scaleUp policy doubles or adds 4 replicas per 15 s, whichever is more', () => {
    expect(evaluate(0, 1, 50)).toMatchObject({ replicas: 5, scalingLimited: { reason: 'ScaleUpLimit' } });
    expect(evaluate(5, 5, 50)).toMatchObject({ replicas: 5 });
    expect(evaluate(10, 5, 50)).toMatchObject({ replicas: 10 });
    expect(evaluate(15, 10, 50)).toMatchObject({ replicas: 20 });
  });

  it('the default scaleDown policy follows the highest recommendation of the last 300 s', () => {
    evaluate(0, 10, 10);
    expect(evaluate(60, 10, 2)).toMatchObject({ replicas: 10, ableToScale: { reason: 'ScaleDownStabilized' } });
    expect(evaluate(239, 10, 3)).toMatchObject({ replicas: 10 });
    expect(evaluate(2, 10, 2)).toMatchObject({ replicas: 3 });
  });

  it('scaling stops at minReplicas and maxReplicas and sets ScalingLimited', () => {
    expect(evaluate(0, 60, 200)).toMatchObject({
      replicas: 100,
      scalingLimited: { reason: 'TooManyReplicas', isLimited: true },
    });
    expect(evaluate(300, 4, 0)).toMatchObject({
      replicas: 1,
      scalingLimited: { reason: 'TooFewReplicas', isLimited: true },
    });
  });
});

describe('ScalingHistory with spec.behavior', () => {
  it('selectPolicy Max allows the larger and Min the smaller change of all policies in their period', () => {
    const policies = [
      { type: 'Pods', value: 2, periodSeconds: 60 },
      { type: 'Percent', value: 50, periodSeconds: 60 },
    ];
    const scaleDown = { stabilizationWindowSeconds: 0, policies };
    expect(evaluate(0, 10, 1, { scaleDown })).toMatchObject({
      replicas: 5,
      scalingLimited: { reason: 'ScaleDownLimit' },
    });
    expect(evaluate(30, 5, 1, { scaleDown })).toMatchObject({ replicas: 5 });
    expect(evaluate(31, 5, 1, { scaleDown: { ...scaleDown, selectPolicy: 'Min' } })).toMatchObject({ replicas: 3 });
  });

  it('selectPolicy Disabled forbids scaling in that direction', () => {
    expect(evaluate(0, 3, 9, { scaleUp: { selectPolicy: 'Disabled' } })).toMatchObject({ replicas: 3 });
  });

  it('scaleUp waits for its stabilizationWindowSeconds', () => {
    const scaleUp = { stabilizationWindowSeconds: 60 };
    evaluate(0, 3, 3, { scaleUp });
    expect(evaluate(30, 3, 6, { scaleUp })).toMatchObject({
      replicas: 3,
      ableToScale: { reason: 'ScaleUpStabilized' },
    });
    expect(evaluate(31, 3, 6, { scaleUp })).toMatchObject({ replicas: 6 });
  });
});
