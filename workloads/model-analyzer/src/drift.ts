import type { Tally } from './counters.ts';
import { confidenceBins, latencyQuantile, sum } from './histogram.ts';

/** All constants that decide a verdict. A measure is reported as 'watch' or 'drift' from these values on. */
export const driftThresholds = {
  /** Images that each version needs before the two can be compared. */
  pictures: 50,
  /** Objects that each version needs before classes and confidences can be compared. */
  objects: 100,
  /** Population stability index; 0.1 and 0.25 are its customary thresholds. */
  classMix: { watch: 0.1, drift: 0.25 },
  confidence: { watch: 0.1, drift: 0.25 },
  /** Change of the share of images without any object, in points (0.05 = 5 of 100 images), if statistically significant. */
  emptyShare: { watch: 0.03, drift: 0.06 },
  /** Relative change of the median inference time. */
  latency: { watch: 0.2, drift: 0.5 },
  /** A difference is significant when it exceeds this many standard errors. */
  standardErrors: 3.5,
} as const;

export type Level = 'no drift' | 'watch' | 'drift';

export interface Measure {
  readonly name: 'classMix' | 'confidence' | 'emptyShare' | 'latency';
  readonly level: Level;
  /** Stability index, change in points, or relative change; compared with the thresholds. */
  readonly value: number;
  readonly watchFrom: number;
  readonly driftFrom: number;
  /** The change in words. */
  readonly text: string;
}

export interface Drift {
  readonly level: Level | 'not enough data';
  /** The level and the measures that caused it: 'drift: more empty results (4 % -> 11 %)'. */
  readonly verdict: string;
  readonly measures: readonly Measure[];
}

/** Compares a model's behavior with that of its previous version. */
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
    const caveat = enoughObjects ? '' : ` (too few objects, of ${objects} needed, to compare classes and confidences)`;
    return { level: 'no drift', verdict: `no drift${caveat}`, measures };
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

interface Change {
  /** Such as 'more empty results'. */
  readonly words: string;
  /** Such as '4 % -> 11 %'. */
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
  const [largest] = changes.sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before));
  const figures = largest === undefined ? '' : `${largest.label} ${percent(largest.before)} -> ${percent(largest.now)}`;
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

function stability(name: 'classMix' | 'confidence', before: readonly number[], now: readonly number[], change: Change) {
  const value = stabilityIndex(before, now);
  return measure(name, value, change, value <= maxIndexByChance(before, now));
}

function measure(name: Measure['name'], value: number, { words, figures }: Change, byChance = false): Measure {
  const { watch, drift } = driftThresholds[name];
  const size = byChance ? 0 : Math.abs(value);
  const level = size >= drift ? 'drift' : size >= watch ? 'watch' : 'no drift';
  const text = `${level === 'no drift' ? 'much as before' : words} (${figures})`;
  return { name, level, value, watchFrom: watch, driftFrom: drift, text };
}

/**
 * Population stability index of two histograms: the sum of (now - before) x ln(now / before) over the bins' shares; 0 means
 * equal. Half an observation is added to every bin that is not empty on both sides, because a bin that is empty on one side
 * would make the index infinite.
 */
export function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const used = before.map((_, bin) => bin).filter((bin) => before[bin]! + now[bin]! > 0);
  const smoothed = (counts: readonly number[]) => shares(used.map((bin) => counts[bin]! + 0.5));
  const [from, to] = [smoothed(before), smoothed(now)];
  return sum(from.map((share, bin) => (to[bin]! - share) * Math.log(to[bin]! / share)));
}

/**
 * Upper bound of the index of two samples of the same distribution: few objects in many bins differ by chance alone. The
 * index divided by (1/n + 1/m) is approximately chi-squared with (bins - 1) degrees of freedom; its quantile is computed
 * with the approximation by Wilson and Hilferty (the cube root of chi-squared is approximately normal).
 */
function maxIndexByChance(before: readonly number[], now: readonly number[]): number {
  const freedom = before.filter((count, bin) => count + now[bin]! > 0).length - 1;
  if (freedom < 1) return 0;
  const variance = 2 / (9 * freedom);
  const quantile = freedom * (1 - variance + driftThresholds.standardErrors * Math.sqrt(variance)) ** 3;
  return quantile * (1 / sum(before) + 1 / sum(now));
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

/** Mean of a confidence histogram, with each bin's center as its value; 0 without any object. */
export function meanBin(counts: readonly number[]): number {
  const total = sum(counts);
  return total === 0 ? 0 : sum(counts.map((count, bin) => (count * (bin + 0.5)) / confidenceBins)) / total;
}

export const percent = (share: number) => `${Number((share * 100).toFixed(share > 0 && share < 0.01 ? 1 : 0))} %`;
export const milliseconds = (microseconds: number) => `${Number((microseconds / 1000).toPrecision(3))} ms`;
