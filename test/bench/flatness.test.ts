import { describe, expect, it } from 'vitest';
import { flatnessOf, mebibytes } from './flatness.ts';

const level = (pictures: number, bytes: number) => Array<number>(pictures).fill(bytes);

describe('flatnessOf', () => {
  it('flatnessOf compares the highest block of the second half with that of the first half after the warm-up', () => {
    const bytes = [...level(20, 900), ...level(40, 90), ...level(40, 100), ...level(90, 90), ...level(10, 110)];
    expect(flatnessOf(bytes)).toEqual({ earlierBytes: 100, laterBytes: 110, ratio: 1.1 });
  });

  it('flatnessOf ignores single large images', () => {
    const bytes = Array.from({ length: 200 }, (_, picture) => (picture % 9 === 0 && picture > 100 ? 500 : 100));
    expect(flatnessOf(bytes).ratio).toBe(1);
  });

  it('flatnessOf detects a slow leak', () => {
    const leak = Array.from({ length: 2000 }, (_, picture) => 100 + picture * 0.02);
    expect(flatnessOf(leak).ratio).toBeGreaterThan(1.1);
  });

  it('flatnessOf refuses fewer images than blocks', () => {
    expect(() => flatnessOf([1, 2, 3])).toThrow('3 pictures are too few');
  });
});

describe('mebibytes', () => {
  it('mebibytes rounds to whole MiB', () => {
    expect(mebibytes(1.6 * 2 ** 20)).toBe('2 MiB');
  });
});
