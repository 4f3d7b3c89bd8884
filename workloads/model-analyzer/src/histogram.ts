/** Bins of equal width from 0 to 1; a confidence of exactly 1 belongs to the last bin. */
export const confidenceBins = 20;

export const confidenceBinOf = (permille: number) =>
  Math.min(confidenceBins - 1, Math.floor((permille * confidenceBins) / 1000));

const bucketsPerDoubling = 8;
const minMicroseconds = 100;
const latencyBuckets = 161;

/**
 * Upper bounds in microseconds, from 0.1 ms to 105 s, each 9 % above the previous one: that is also the precision of a
 * quantile. Fixed buckets can be summed over days. The last bucket also holds everything above it.
 */
export const latencyBoundsMicroseconds: readonly number[] = Array.from({ length: latencyBuckets }, (_, index) =>
  Math.round(minMicroseconds * 2 ** (index / bucketsPerDoubling)),
);

export function latencyBucketOf(microseconds: number): number {
  const index = latencyBoundsMicroseconds.findIndex((bound) => microseconds <= bound);
  return index < 0 ? latencyBuckets - 1 : index;
}

export const sum = (counts: Iterable<number>): number => {
  let total = 0;
  for (const count of counts) total += count;
  return total;
};

/**
 * The latency in microseconds that a share (0 to 1) of the inferences did not exceed, interpolated within its bucket.
 * @returns undefined when there was no inference
 */
export function latencyQuantile(counts: ReadonlyMap<number, number>, share: number): number | undefined {
  const total = sum(counts.values());
  if (total === 0) return undefined;
  const wanted = share * total;
  let seen = 0;
  for (const bucket of [...counts.keys()].sort((one, other) => one - other)) {
    const count = counts.get(bucket)!;
    if (count > 0 && seen + count >= wanted) {
      const [from, to] = [latencyBoundsMicroseconds[bucket - 1] ?? 0, latencyBoundsMicroseconds[bucket]!];
      return Math.round(from + ((to - from) * (wanted - seen)) / count);
    }
    seen += count;
  }
  return latencyBoundsMicroseconds.at(-1);
}
