import { describe, expect, it } from 'vitest';
import { red } from '#support/workloads/images.ts';
import { release } from '#workloads/yolo5/src/detector/release.ts';

describe('release', () => {
  it('release frees the memory of an array', () => {
    const array = new Float32Array(1000);
    release(array);
    expect([array.length, array.buffer.byteLength]).toEqual([0, 0]);
  });

  it('release frees the memory of decoded pixels', async () => {
    const pixels = await red(300, 200).raw().toBuffer();
    release(pixels);
    expect(pixels).toHaveLength(0);
  });

  it('release leaves a view of a larger buffer unchanged', () => {
    const whole = Float32Array.of(1, 2, 3);
    const part = whole.subarray(1);
    release(part);
    expect([...whole, ...part]).toEqual([1, 2, 3, 2, 3]);
  });
});
