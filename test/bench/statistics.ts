/** The quantile at a share from 0 to 1, interpolated linearly between the nearest values. @throws RangeError for no values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('there is no quantile of nothing');
  const sorted = values.toSorted((one, other) => one - other);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** '25.1 ms (24.9 to 25.6)': the median and the interquartile range. */
export function describeTimes(milliseconds: readonly number[]): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(milliseconds, share).toFixed(2));
  return `${middle} ms (${low} to ${high})`;
}
