import { describe, expect, it } from 'vitest';
import { describeTimes, median, quantile } from './statistics.ts';

describe('median', () => {
  it.each([
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 2, 3], middle: 2.5 },
    { values: [10, 9, 100], middle: 10 },
    { values: [7], middle: 7 },
  ])('the median of $values is $middle', ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  it('median does not reorder its values and refuses an empty list', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('quantile', () => {
  it('quantile interpolates between the nearest values', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([10, 20, 30], share))).toEqual([10, 15, 20, 30]);
  });
});

describe('describeTimes', () => {
  it('describeTimes prints the median and the interquartile range', () => {
    expect(describeTimes([1, 2, 3, 4, 100])).toBe('3.00 ms (2.00 to 4.00)');
  });
});
