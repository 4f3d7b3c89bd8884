import type { Tally } from './counters.ts';
import { confidenceBins, latencyQuantile, sum } from './histogram.ts';

/** From which value on a measure deserves a look, and from which it is drift. Everything that decides a verdict is here. */
export const driftThresholds = {
  /** Pictures each side needs before the two can be compared. */
  pictures: 50,
  /** Objects each side needs before classes and confidences can be compared. */
  objects: 100,
  /** Population stability index; 0.1 and 0.25 are the figures its users know. */
  classMix: { watch: 0.1, drift: 0.25 },
  confidence: { watch: 0.1, drift: 0.25 },
  /** Change of the share of pictures without any object, in points (0.05 = 5 of 100 pictures), if more than chance. */
  emptyShare: { watch: 0.03, drift: 0.06 },
  /** Change of the median time of an inference, as a share of the previous one. */
  latency: { watch: 0.2, drift: 0.5 },
  /** Standard errors by which a measure must lie outside of what chance alone gives before it counts. */
  standardErrors: 3.5,
} as const;

export type Level = 'no drift' | 'watch' | 'drift';

export interface Measure {
  readonly name: 'classMix' | 'confidence' | 'emptyShare' | 'latency';
  readonly level: Level;
  /** Stability index, change in points, or change as a share; what the thresholds are compared with. */
  readonly value: number;
  readonly watchFrom: number;
  readonly driftFrom: number;
  /** What has changed, in words. */
  readonly text: string;
}

export interface Drift {
  readonly level: Level | 'not enough data';
  /** The level, and what most deserves a look: 'drift: more empty results (4 % -> 11 %)'. */
  readonly verdict: string;
  readonly measures: readonly Measure[];
}

/** How differently a model behaves from the version before it. */
export function driftBetween(previous: Tally | undefined, current: Tally): Drift {
  if (previous === undefined) return notEnough('there is no earlier version of this model to compare with');
  const { pictures, objects } = driftThresholds;
  for (const [name, tally] of [['the previous version', previous] as const, ['this version', current] as const])
    if (tally.pictures < pictures)
      return notEnough(`${name} has looked at ${tally.pictures} pictures, ${pictures} are needed`);
  const enoughObjects = Math.min(objectsOf(previous), objectsOf(current)) >= objects;
  const measures = [
    emptyShare(previous, current),
    ...(enoughObjects ? [classMix(previous, current), confidence(previous, current)] : []),
    latency(previous, current),
  ];
  const level = (['drift', 'watch'] as const).find((some) => measures.some((measure) => measure.level === some));
  if (level === undefined) {
    const unsaid = enoughObjects ? '' : ` (too few objects, of ${objects} needed, to compare classes and confidences)`;
    return { level: 'no drift', verdict: `no drift${unsaid}`, measures };
  }
  const reasons = measures.filter((measure) => measure.level === level).map(({ text }) => text);
  return { level, verdict: `${level}: ${reasons.join('; ')}`, measures };
}

const notEnough = (why: string): Drift => ({
  level: 'not enough data',
  verdict: `not enough data: ${why}`,
  measures: [],
});

const objectsOf = ({ confidence: bins }: Tally) => sum([...bins.values()].map(sum));

/** What a change is called, and from what to what. */
interface Said {
  readonly words: string;
  readonly figures: string;
}

function emptyShare(previous: Tally, current: Tally): Measure {
  const [before, now] = [previous.empty / previous.pictures, current.empty / current.pictures];
  const pooled = (previous.empty + current.empty) / (previous.pictures + current.pictures);
  const standardError = Math.sqrt(pooled * (1 - pooled) * (1 / previous.pictures + 1 / current.pictures));
  const change = now - before;
  const byChance = Math.abs(change) <= driftThresholds.standardErrors * standardError;
  const words = change > 0 ? 'more empty results' : 'fewer empty results';
  return measure('emptyShare', change, { words, figures: `${percent(before)} -> ${percent(now)}` }, byChance);
}

function classMix(previous: Tally, current: Tally): Measure {
  const labels = [...new Set([...previous.confidence.keys(), ...current.confidence.keys()])].sort();
  const counts = (tally: Tally) => labels.map((label) => sum(tally.confidence.get(label) ?? []));
  const [before, now] = [shares(counts(previous)), shares(counts(current))];
  const changes = labels.map((label, index) => ({ label, before: before[index]!, now: now[index]! }));
  const [most] = changes.sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before));
  const figures = most === undefined ? '' : `${most.label} ${percent(most.before)} -> ${percent(most.now)}`;
  return stability('classMix', counts(previous), counts(current), { words: 'another mix of classes', figures });
}

function confidence(previous: Tally, current: Tally): Measure {
  const [before, now] = [confidenceOf(previous), confidenceOf(current)];
  const words = meanBin(now) < meanBin(before) ? 'lower confidences' : 'higher confidences';
  const figures = `mean ${percent(meanBin(before))} -> ${percent(meanBin(now))}`;
  return stability('confidence', before, now, { words, figures });
}

function latency(previous: Tally, current: Tally): Measure {
  const [before, now] = [latencyQuantile(previous.latency, 0.5) ?? 0, latencyQuantile(current.latency, 0.5) ?? 0];
  const words = now > before ? 'slower' : 'faster';
  const figures = `median ${milliseconds(before)} -> ${milliseconds(now)}`;
  return measure('latency', before === 0 ? 0 : (now - before) / before, { words, figures });
}

function stability(name: 'classMix' | 'confidence', before: readonly number[], now: readonly number[], said: Said) {
  const value = stabilityIndex(before, now);
  return measure(name, value, said, value <= indexByChance(before, now));
}

function measure(name: Measure['name'], value: number, { words, figures }: Said, byChance = false): Measure {
  const { watch, drift } = driftThresholds[name];
  const size = byChance ? 0 : Math.abs(value);
  const level = size >= drift ? 'drift' : size >= watch ? 'watch' : 'no drift';
  const text = `${level === 'no drift' ? 'much as before' : words} (${figures})`;
  return { name, level, value, watchFrom: watch, driftFrom: drift, text };
}

/**
 * Population stability index of two histograms: the sum of (now - before) x ln(now / before) over the bins' shares. Half
 * an observation is added to every bin that either side has, so that a bin which one side lacks weighs as much as the
 * amount of data allows, and not infinitely. 0 is equal.
 */
export function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const used = before.map((_, bin) => bin).filter((bin) => before[bin]! + now[bin]! > 0);
  const smoothed = (counts: readonly number[]) => shares(used.map((bin) => counts[bin]! + 0.5));
  const [from, to] = [smoothed(before), smoothed(now)];
  return sum(from.map((share, bin) => (to[bin]! - share) * Math.log(to[bin]! / share)));
}

/**
 * What the index of two samples of the same distribution stays below: divided by (1/n + 1/m) it is nearly chi-squared,
 * with a degree of freedom less than there are bins. Few objects in many bins differ by chance alone. The quantile is
 * Wilson and Hilferty's approximation: the cube root of chi-squared is nearly normal.
 */
function indexByChance(before: readonly number[], now: readonly number[]): number {
  const freedom = before.filter((count, bin) => count + now[bin]! > 0).length - 1;
  if (freedom < 1) return 0;
  const variance = 2 / (9 * freedom);
  const largest = freedom * (1 - variance + driftThresholds.standardErrors * Math.sqrt(variance)) ** 3;
  return largest * (1 / sum(before) + 1 / sum(now));
}

function shares(counts: readonly number[]): readonly number[] {
  const total = sum(counts);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

/** Objects of all classes by confidence. */
export function confidenceOf(tally: Tally): readonly number[] {
  const bins = [...tally.confidence.values()];
  return Array.from({ length: confidenceBins }, (_, bin) => sum(bins.map((counts) => counts[bin]!)));
}

/** Mean of a confidence histogram, each bin by its middle; 0 without any object. */
export function meanBin(counts: readonly number[]): number {
  const total = sum(counts);
  return total === 0 ? 0 : sum(counts.map((count, bin) => (count * (bin + 0.5)) / confidenceBins)) / total;
}

export const percent = (share: number) => `${Number((share * 100).toFixed(share > 0 && share < 0.01 ? 1 : 0))} %`;
export const milliseconds = (microseconds: number) => `${Number((microseconds / 1000).toPrecision(3))} ms`;
