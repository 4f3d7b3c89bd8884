import { readFile } from 'node:fs/promises';
import type { Detection } from '@stepkube/shared/contracts/contracts.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { detect } from '#workloads/yolo5/src/detector/detector.ts';
import { loadModel, type Model } from '#workloads/yolo5/src/detector/model.ts';
import { overlapOf } from '#workloads/yolo5/src/detector/suppress.ts';

const modelFolder = projectPath('workloads/yolo5/model/');
const samples = ['street.jpg', 'breakfast.jpg', 'living-room.jpg', 'park.jpg'];
const tolerance = { confidence: 0.05, overlap: 0.93 };

let model: Model;
beforeAll(async () => {
  model = await loadModel({
    modelPath: `${modelFolder}demo.onnx`,
    labelsPath: `${modelFolder}demo.labels.txt`,
    name: 'demo',
    threads: 1,
  });
});

/** Each detection that is sure, not one at the threshold, has its like among the others. */
function expectAlike(detections: readonly Detection[], others: readonly Detection[]): void {
  for (const { label, confidence, box } of detections.filter((detection) => detection.confidence > 0.35)) {
    const like = others.find((other) => other.label === label && overlapOf(other.box, box) > tolerance.overlap);
    expect(like, `${label} of ${confidence}`).toBeDefined();
    expect(Math.abs(like!.confidence - confidence)).toBeLessThan(tolerance.confidence);
  }
}

describe.each(samples)('%s', (sample) => {
  const at = async (width: number): Promise<Buffer> =>
    sharp(await readFile(`${modelFolder}samples/${sample}`))
      .resize(width)
      .png({ compressionLevel: 0 })
      .toBuffer();
  const found = async (bytes: Buffer) => (await detect(model, bytes)).detections;

  it('gives the same from a JPEG that is made smaller while it is read as from all of its pixels', async () => {
    const picture = await at(8 * model.side);
    const png = await found(picture);
    const jpeg = await found(await sharp(picture).jpeg({ quality: 95 }).toBuffer());
    expect(png.length).toBeGreaterThan(0);
    expectAlike(png, jpeg);
    expectAlike(jpeg, png);
  });

  it('gives the same for a picture of exactly twice the model as for one that is a little larger', async () => {
    const double = await found(await at(2 * model.side));
    const larger = await found(await at(2 * model.side + 4));
    const scale = (2 * model.side) / (2 * model.side + 4);
    const scaled = larger.map(({ box, ...rest }) => ({
      ...rest,
      box: { x1: box.x1 * scale, y1: box.y1 * scale, x2: box.x2 * scale, y2: box.y2 * scale },
    }));
    expect(double.length).toBeGreaterThan(0);
    expectAlike(double, scaled);
    expectAlike(scaled, double);
  });
});
