import { describe, expect, it } from 'vitest';
import { decodeOutput } from '#workloads/yolo5/src/detector/decode-output.ts';

const decode = (...rows: number[][]) => decodeOutput(Float32Array.from(rows.flat()), rows[0]!.length - 5);

describe('decodeOutput', () => {
  it('decodeOutput converts center and size to corners and multiplies objectness by the best class score', () => {
    const [candidate] = decode([100, 50, 40, 20, 0.75, 0.25, 0.5, 0.125]);
    expect(candidate).toEqual({ classIndex: 1, confidence: 0.375, x1: 80, y1: 40, x2: 120, y2: 60 });
  });

  it('decodeOutput drops boxes with an objectness of 0.25 or less', () => {
    expect(decode([10, 10, 4, 4, 0.25, 1, 1])).toEqual([]);
  });

  it('decodeOutput drops boxes whose objectness times class score is 0.25 or less', () => {
    expect(decode([10, 10, 4, 4, 0.5, 0.5, 0.25])).toEqual([]);
  });

  it('decodeOutput reads every row in its order', () => {
    const candidates = decode([1, 1, 2, 2, 1, 1, 0], [5, 5, 2, 2, 1, 0, 1], [9, 9, 2, 2, 0, 1, 1]);
    expect(candidates.map(({ classIndex, x1 }) => [classIndex, x1])).toEqual([
      [0, 0],
      [1, 4],
    ]);
  });

  it('decodeOutput drops rows with NaN', () => {
    expect(decode([1, 1, 2, 2, Number.NaN, 1], [1, 1, 2, 2, 1, Number.NaN])).toEqual([]);
  });
});
