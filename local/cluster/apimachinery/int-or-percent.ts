/**
 * A count that is given as a number or as a percentage of a total, such as maxUnavailable.
 * @param round what happens to a part of a pod; the default rounds up
 */
export function countOf(value: number | string, total: number, round: (value: number) => number = Math.ceil): number {
  const percentage = typeof value === 'string' && /^(\d+)%$/.exec(value);
  return percentage ? round((Number(percentage[1]) * total) / 100) : Number(value);
}
