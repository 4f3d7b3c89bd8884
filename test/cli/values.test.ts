import { describe, expect, it } from 'vitest';
import { positiveNumber, wholeNumber } from '#cli/values.ts';

describe('wholeNumber', () => {
  it.each(['0', '7', '65535'])('wholeNumber(0, 65535) takes "%s"', (value) => {
    expect(wholeNumber(0, 65_535)(value)).toBe(Number(value));
  });

  it.each(['', ' ', '-1', '1.5', '65536', 'http'])('wholeNumber(0, 65535) refuses "%s"', (value) => {
    expect(() => wholeNumber(0, 65_535)(value)).toThrow('must be a whole number from 0 to 65535');
  });

  it('wholeNumber without a maximum has no upper end', () => {
    expect(wholeNumber(1)('1000000')).toBe(1_000_000);
    expect(() => wholeNumber(1)('0')).toThrow('must be a whole number from 1 up');
  });
});

describe('positiveNumber', () => {
  it('positiveNumber(1000) takes fractions and its maximum', () => {
    expect([positiveNumber(1000)('0.5'), positiveNumber(1000)('1000')]).toEqual([0.5, 1000]);
  });

  it.each(['0', '-1', '1000.1', '', 'fast'])('positiveNumber(1000) refuses "%s"', (value) => {
    expect(() => positiveNumber(1000)(value)).toThrow('must be a number above 0, at most 1000');
  });
});
