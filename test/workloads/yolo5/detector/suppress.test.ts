import { describe, expect, it } from 'vitest';
import type { Candidate } from '#workloads/yolo5/src/detector/decode-output.ts';
import { overlapOf, suppress, suppression } from '#workloads/yolo5/src/detector/suppress.ts';

const candidate = (confidence: number, corners: readonly number[], classIndex = 0): Candidate => {
  const [x1, y1, x2, y2] = corners as [number, number, number, number];
  return { classIndex, confidence, x1, y1, x2, y2 };
};

describe('overlapOf', () => {
  it.each([
    { name: 'equal', other: [0, 0, 10, 10], overlap: 1 },
    { name: 'overlapping by half', other: [5, 0, 15, 10], overlap: 50 / 150 },
    { name: 'touching', other: [10, 0, 20, 10], overlap: 0 },
    { name: 'apart', other: [30, 30, 40, 40], overlap: 0 },
    { name: 'nested', other: [0, 0, 5, 5], overlap: 0.25 },
  ])('overlapOf of boxes that are $name is $overlap', ({ other, overlap }) => {
    expect(overlapOf(candidate(1, [0, 0, 10, 10]), candidate(1, other))).toBeCloseTo(overlap, 12);
  });
});

describe('suppress', () => {
  it('suppress keeps the most confident of overlapping boxes, ordered by confidence', () => {
    const kept = suppress([
      candidate(0.5, [1, 0, 11, 10]),
      candidate(0.9, [0, 0, 10, 10]),
      candidate(0.95, [50, 50, 60, 60]),
    ]);
    expect(kept.map(({ confidence }) => confidence)).toEqual([0.95, 0.9]);
  });

  it('suppress keeps boxes that overlap by exactly the limit', () => {
    // The intersection is 45 of 100: 0.45 is not above 0.45.
    const kept = suppress([candidate(0.9, [0, 0, 10, 10]), candidate(0.8, [0, 0, 10, 4.5])]);
    expect(kept).toHaveLength(2);
  });

  it('suppress keeps overlapping boxes of different classes', () => {
    const kept = suppress([candidate(0.9, [0, 0, 10, 10], 0), candidate(0.8, [0, 0, 10, 10], 1)]);
    expect(kept).toHaveLength(2);
  });

  it('a suppressed box does not suppress others', () => {
    // A suppresses B; C overlaps B by more than the limit, but A by less, and is kept.
    const a = candidate(0.9, [0, 0, 10, 10]);
    const b = candidate(0.8, [3, 0, 13, 10]);
    const c = candidate(0.7, [6, 0, 16, 10]);
    expect(suppress([a, b, c])).toEqual([a, c]);
  });

  it('suppress keeps at most maxDetections boxes', () => {
    const many = Array.from({ length: 1500 }, (_, index) => candidate(0.5, [index * 20, 0, index * 20 + 10, 10]));
    expect(suppress(many)).toHaveLength(suppression.maxDetections);
  });
});
