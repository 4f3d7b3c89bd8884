import { describe, expect, it } from 'vitest';
import { type Behavior, eventsOf, modelsAfter, usualBehavior } from '#support/workloads/analysis-events.ts';
import { driftBetween, driftThresholds, stabilityIndex } from '#workloads/model-analyzer/src/drift.ts';
import { previousOf, tallyOfModel } from '#workloads/model-analyzer/src/models.ts';

const tally = (behavior: Partial<Behavior> = {}, seed = 1) =>
  tallyOfModel(modelsAfter(eventsOf({ ...usualBehavior, ...behavior }, seed))[0]!);
const usual = tally();
const levels = (behavior: Partial<Behavior>) => {
  const { level, measures } = driftBetween(usual, tally(behavior, 2));
  return { level, ...Object.fromEntries(measures.map(({ name, level: ofMeasure }) => [name, ofMeasure])) };
};

describe('driftBetween', () => {
  it('a model shows no drift against itself', () => {
    expect(driftBetween(usual, usual)).toMatchObject({ level: 'no drift', verdict: 'no drift' });
  });

  it.each([
    [70, 50],
    [700, 10],
  ])('random variation alone is no drift: %i pictures per version, %i pairs of versions', (pictures, pairs) => {
    const some = { picturesPerDay: pictures / usualBehavior.days };
    const seeds = Array.from({ length: pairs }, (_, index) => index + 1);
    const found = seeds.map((seed) => driftBetween(tally(some, seed), tally(some, seed + pairs)).level);
    expect(found.filter((level) => level === 'drift')).toEqual([]);
    expect(found.filter((level) => level === 'watch').length).toBeLessThanOrEqual(pairs / 20);
  });

  it('the drift verdict names more empty results with both shares', () => {
    const { level, verdict } = driftBetween(usual, tally({ emptyShare: 0.13 }, 2));
    expect(level).toBe('drift');
    expect(verdict).toMatch(/^drift: more empty results \(4 % -> 1\d %\)$/);
  });

  it('a changed mix of classes is drift of classMix only', () => {
    const classes = { ...usualBehavior.classes, dog: { weight: 50, confidence: 0.75 } };
    expect(levels({ classes })).toMatchObject({ classMix: 'drift', emptyShare: 'no drift', latency: 'no drift' });
  });

  it('a class that the previous version never found is drift', () => {
    const classes = { ...usualBehavior.classes, giraffe: { weight: 30, confidence: 0.75 } };
    const { verdict } = driftBetween(usual, tally({ classes }, 2));
    expect(verdict).toMatch(/^drift: another mix of classes \(giraffe 0 % -> 2\d %\)/);
  });

  it('lower confidences are drift of confidence and not of classMix', () => {
    const classes = Object.fromEntries(
      Object.entries(usualBehavior.classes).map(([label, { weight, confidence }]) => [
        label,
        { weight, confidence: confidence - 0.15 },
      ]),
    );
    expect(levels({ classes })).toMatchObject({ level: 'drift', confidence: 'drift', classMix: 'no drift' });
    expect(driftBetween(usual, tally({ classes }, 2)).verdict).toMatch(
      /^drift: lower confidences \(mean 7\d % -> 5\d %\)$/,
    );
  });

  it('a third more latency is watched, twice the latency is drift', () => {
    expect(levels({ medianMicroseconds: 64_000 })).toMatchObject({ level: 'watch', latency: 'watch' });
    expect(driftBetween(usual, tally({ medianMicroseconds: 96_000 }, 2)).verdict).toMatch(
      /^drift: slower \(median 4\d\.?\d? ms -> 9\d\.?\d? ms\)$/,
    );
  });

  it('the drift verdict without enough data states which version lacks how many pictures', () => {
    expect(driftBetween(undefined, usual).verdict).toBe(
      'not enough data: there is no earlier version of this model to compare with',
    );
    const few = tally({ picturesPerDay: 2, failedShare: 0 });
    expect(driftBetween(usual, few)).toEqual({
      level: 'not enough data',
      verdict: `not enough data: this version has looked at 14 pictures, ${driftThresholds.pictures} are needed`,
      measures: [],
    });
    expect(driftBetween(few, usual).verdict).toContain('the previous version has looked at 14 pictures');
  });

  it('with too few objects only empty results and latency are compared, and the verdict says so', () => {
    const { measures, verdict } = driftBetween(tally({ emptyShare: 1 }), tally({ emptyShare: 1 }, 2));
    expect(measures.map(({ name }) => name)).toEqual(['emptyShare', 'latency']);
    expect(verdict).toBe('no drift (too few objects, of 100 needed, to compare classes and confidences)');
  });
});

describe('stabilityIndex', () => {
  it('stabilityIndex is 0 for equal shares, grows with the difference and is finite for bins that are empty on one side', () => {
    expect(stabilityIndex([10, 20, 30], [10, 20, 30])).toBe(0);
    expect(stabilityIndex([500, 500], [400, 600])).toBeCloseTo(0.0404, 3);
    expect(stabilityIndex([500, 500], [300, 700])).toBeGreaterThan(0.16);
    expect(stabilityIndex([500, 0], [0, 500])).toBeLessThan(20);
  });
});

describe('previousOf', () => {
  const models = modelsAfter([
    ...eventsOf({ ...usualBehavior, version: 'v9', days: 1 }, 1),
    ...eventsOf({ ...usualBehavior, version: 'v10', from: '2026-11-10', days: 1 }, 2),
  ]);
  const other = { ...models[0]!, id: 'other@v1#00', name: 'other', firstSeenAt: '2026-11-09T00:00:00.000Z' };

  it('previousOf returns the version of the same name that was first seen before, whatever the versions are called', () => {
    expect(previousOf(models[1]!, [...models, other])?.version).toBe('v9');
    expect(previousOf(models[0]!, [...models, other])).toBeUndefined();
    expect(previousOf(other, [...models, other])).toBeUndefined();
  });
});
