import { describe, expect, it } from 'vitest';
import type { Model, ModelInput } from '#workloads/yolo5/src/detector/model.ts';
import { fillInput, fillInputFromDouble, withInput } from '#workloads/yolo5/src/detector/model-input.ts';
import { letterboxOf } from '#workloads/yolo5/src/image/letterbox.ts';

const gray = Math.fround(114 / 255);
/** An input with the content of an earlier image. */
const used = (side: number) => new Float32Array(3 * side * side).fill(9);
const planesOf = (input: ModelInput) => {
  const plane = input.length / 3;
  return [0, 1, 2].map((channel) => [...input.slice(channel * plane, (channel + 1) * plane)]);
};

describe('fillInput', () => {
  it('fillInput overwrites the input with the channels one after another, 0 to 1, and gray padding', () => {
    const input = used(2);
    fillInput(input, Uint8Array.from([255, 0, 51, 0, 255, 102]), letterboxOf({ width: 2, height: 1 }, 2), 2);
    const [red, green, blue] = planesOf(input);
    expect(red).toEqual([1, 0, gray, gray]);
    expect(green).toEqual([0, 1, gray, gray]);
    expect(blue).toEqual([Math.fround(0.2), Math.fround(0.4), gray, gray]);
  });

  it('fillInput converts each level to the float32 nearest to level / 255', () => {
    const input = used(16);
    const pixels = Uint8Array.from({ length: 3 * 256 }, (_, index) => index / 3);
    fillInput(input, pixels, letterboxOf({ width: 16, height: 16 }, 16), 16);
    expect(planesOf(input)[1]).toEqual(Array.from({ length: 256 }, (_, level) => Math.fround(level / 255)));
  });
});

describe('fillInputFromDouble', () => {
  it('fillInputFromDouble writes the mean of four pixels, with gray padding', () => {
    const input = used(2);
    const rows = [
      [255, 0, 0, 255, 0, 0, 0, 10, 0, 0, 20, 0],
      [255, 0, 0, 255, 0, 204, 0, 30, 0, 0, 42, 0],
    ];
    fillInputFromDouble(input, Uint8Array.from(rows.flat()), letterboxOf({ width: 4, height: 2 }, 2), 2);
    const [red, green, blue] = planesOf(input);
    expect(red).toEqual([1, 0, gray, gray]);
    expect(green).toEqual([0, Math.fround(25.5 / 255), gray, gray]);
    expect(blue).toEqual([Math.fround(0.2), 0, gray, gray]);
  });
});

describe('withInput', () => {
  const modelOf = (side: number): Model => ({
    identity: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    isHalf: false,
    side,
    labels: ['cat'],
    run: async () => new Float32Array(6),
  });

  it('withInput reuses an input, also after an operation that failed', async () => {
    const model = modelOf(4);
    const first = await withInput(model, async (input) => input);
    expect(first).toHaveLength(3 * 4 * 4);
    await expect(withInput(model, () => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
    expect(await withInput(model, async (input) => input)).toBe(first);
  });

  it('withInput never shares an input between concurrent operations or models', async () => {
    const model = modelOf(4);
    await withInput(model, async (one) => {
      await withInput(model, async (other) => expect(other).not.toBe(one));
      await withInput(modelOf(4), async (other) => expect(other).not.toBe(one));
    });
  });
});
