import { describe, expect, it } from 'vitest';
import { detectInFile } from '#support/workloads/detect-in-file.ts';
import { halves, red } from '#support/workloads/images.ts';
import type { Model, ModelInput } from '#workloads/yolo5/src/detector/model.ts';

/** A model with constant output that records its inputs. */
function fakeModel(rows: readonly (readonly number[])[]): Model & { readonly inputs: ModelInput[] } {
  const inputs: ModelInput[] = [];
  return {
    identity: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    side: 64,
    labels: ['cat', 'dog'],
    inputs,
    isHalf: false,
    async run(input) {
      inputs.push(input);
      return Float32Array.from(rows.flat());
    },
  };
}

describe('detect', () => {
  it('detect returns boxes in pixels of the image, clipped to it, highest confidence first', async () => {
    const model = fakeModel([
      [16, 32, 32, 40, 0.5, 0, 1],
      [48, 32, 64, 32, 1, 0.875, 0],
    ]);
    // 128 x 64 is letterboxed to 64 x 32 in the square of 64, with 16 rows of gray above.
    const { detections, image } = await detectInFile(model, await halves(128, 64).png().toBuffer());
    expect([image.width, image.height]).toEqual([128, 64]);
    expect(detections).toEqual([
      { label: 'cat', confidence: 0.875, box: { x1: 32, y1: 0, x2: 128, y2: 64 } },
      { label: 'dog', confidence: 0.5, box: { x1: 0, y1: 0, x2: 64, y2: 64 } },
    ]);
  });

  it('detect passes the letterboxed image to the model, red channel first, with gray padding', async () => {
    const model = fakeModel([[0, 0, 0, 0, 0, 0, 0]]);
    await detectInFile(model, await halves(128, 64).png().toBuffer());
    const [input] = model.inputs;
    const at = (channel: number, x: number, y: number) => input![channel * 64 * 64 + y * 64 + x];
    expect([at(0, 2, 30), at(1, 2, 30), at(2, 2, 30)]).toEqual([1, 0, 0]);
    expect([at(0, 60, 30), at(1, 60, 30), at(2, 60, 30)]).toEqual([0, 0, 1]);
    expect(at(0, 2, 2)).toBe(Math.fround(114 / 255));
  });

  it('detect turns a rotated image of exactly twice the model size upright', async () => {
    const model = fakeModel([[0, 0, 0, 0, 0, 0, 0]]);
    // Stored as 128 x 64 with the red half on the left; orientation 6 makes it 64 x 128 with the red half on top.
    const bytes = await halves(128, 64).withMetadata({ orientation: 6 }).png().toBuffer();
    expect((await detectInFile(model, bytes)).image).toMatchObject({ width: 64, height: 128 });
    const at = (channel: number, x: number, y: number) => model.inputs[0]![channel * 64 * 64 + y * 64 + x];
    expect([at(0, 32, 2), at(2, 32, 2)]).toEqual([1, 0]);
    expect([at(0, 32, 60), at(2, 32, 60)]).toEqual([0, 1]);
    expect(at(0, 2, 2)).toBe(Math.fround(114 / 255));
  });

  it('detect uses separate inputs for two concurrent images', async () => {
    const model = fakeModel([[0, 0, 0, 0, 0, 0, 0]]);
    const both = Promise.withResolvers<void>();
    const waiting: Model = {
      ...model,
      isHalf: false,
      async run(input) {
        const output = await model.run(input);
        if (model.inputs.length === 2) both.resolve();
        await both.promise;
        return output;
      },
    };
    await Promise.all(
      [red(64, 64), halves(64, 64)].map(async (image) => detectInFile(waiting, await image.png().toBuffer())),
    );
    const corners = model.inputs.map((input) => input[64 - 1]); // red channel, right end of the first row
    expect(corners.toSorted()).toEqual([0, 1]);
  });

  it('detect drops boxes that lie in the padding only', async () => {
    const model = fakeModel([[32, 4, 20, 6, 1, 1, 0]]); // above row 16, the first one of the image
    expect((await detectInFile(model, await halves(128, 64).png().toBuffer())).detections).toEqual([]);
  });

  it('detect finds nothing when every box is below the threshold', async () => {
    const { detections } = await detectInFile(
      fakeModel([[32, 32, 9, 9, 0.2, 1, 1]]),
      await halves(20, 20).png().toBuffer(),
    );
    expect(detections).toEqual([]);
  });
});
