import { describe, expect, it } from 'vitest';
import { red } from '#support/workloads/pictures.ts';
import { release } from '#workloads/yolo5/src/detector/release.ts';

describe('release', () => {
  it('takes the memory of an array away', () => {
    const array = new Float32Array(1000);
    release(array);
    expect([array.length, array.buffer.byteLength]).toEqual([0, 0]);
  });

  it('takes the memory of decoded pixels away', async () => {
    const pixels = await red(300, 200).raw().toBuffer();
    release(pixels);
    expect(pixels).toHaveLength(0);
  });

  it('leaves an array that shares its buffer as it is', () => {
    const whole = Float32Array.of(1, 2, 3);
    const part = whole.subarray(1);
    release(part);
    expect([...whole, ...part]).toEqual([1, 2, 3, 2, 3]);
  });
});
