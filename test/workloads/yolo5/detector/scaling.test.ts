import { readFile } from 'node:fs/promises';
import type { Detection } from '@stepkube/shared/contracts/messages.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { detectInFile } from '#support/workloads/detect-in-file.ts';
import { loadModel, type Model } from '#workloads/yolo5/src/detector/model.ts';
import { overlapOf } from '#workloads/yolo5/src/detector/suppress.ts';

const modelFolder = projectPath('workloads/yolo5/model/');
const samples = ['street.jpg', 'breakfast.jpg', 'living-room.jpg', 'park.jpg'];
const maxConfidenceDifference = 0.05;
const minOverlap = 0.93;
/** Detections near the threshold of 0.25 may be missing in one of two decodings. */
const minConfidence = 0.35;

let model: Model;
beforeAll(async () => {
  model = await loadModel({
    modelPath: `${modelFolder}demo.onnx`,
    labelsPath: `${modelFolder}demo.labels.txt`,
    name: 'demo',
    threads: 1,
  });
});

/** Every confident detection has a counterpart among the others. */
function expectCounterparts(detections: readonly Detection[], others: readonly Detection[]): void {
  for (const { label, confidence, box } of detections.filter((detection) => detection.confidence > minConfidence)) {
    const counterpart = others.find((other) => other.label === label && overlapOf(other.box, box) > minOverlap);
    expect(counterpart, `${label} of ${confidence}`).toBeDefined();
    expect(Math.abs(counterpart!.confidence - confidence)).toBeLessThan(maxConfidenceDifference);
  }
}

describe.each(samples)('scaling of %s', (sample) => {
  const at = async (width: number): Promise<Buffer> =>
    sharp(await readFile(`${modelFolder}samples/${sample}`))
      .resize(width)
      .png({ compressionLevel: 0 })
      .toBuffer();
  const found = async (bytes: Buffer) => (await detectInFile(model, bytes)).detections;

  it(`detections in ${sample} are equal for a PNG and for a JPEG that is scaled down while it is decoded`, async () => {
    const large = await at(8 * model.side);
    const png = await found(large);
    const jpeg = await found(await sharp(large).jpeg({ quality: 95 }).toBuffer());
    expect(png.length).toBeGreaterThan(0);
    expectCounterparts(png, jpeg);
    expectCounterparts(jpeg, png);
  });

  it(`detections in ${sample} are equal at exactly twice the model size and at a slightly larger size`, async () => {
    const double = await found(await at(2 * model.side));
    const larger = await found(await at(2 * model.side + 4));
    const scale = (2 * model.side) / (2 * model.side + 4);
    const scaled = larger.map(({ box, ...rest }) => ({
      ...rest,
      box: { x1: box.x1 * scale, y1: box.y1 * scale, x2: box.x2 * scale, y2: box.y2 * scale },
    }));
    expect(double.length).toBeGreaterThan(0);
    expectCounterparts(double, scaled);
    expectCounterparts(scaled, double);
  });
});
