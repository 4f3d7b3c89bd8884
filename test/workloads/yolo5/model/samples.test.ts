import { readFile, stat } from 'node:fs/promises';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { detectInFile, type FileDetectionResult } from '#support/workloads/detect-in-file.ts';
import { loadModel, type Model } from '#workloads/yolo5/src/detector/model.ts';
import { overlapOf } from '#workloads/yolo5/src/detector/suppress.ts';

const modelFolder = projectPath('workloads/yolo5/model/');
const maxBytes = 150_000;
const minOverlap = 0.5;

/** Boxes are left, top, right, bottom in pixels. */
const samplesSchema = z.record(
  z.string(),
  z.object({
    widthPx: z.number(),
    heightPx: z.number(),
    objects: z.array(
      z
        .object({ class: z.string(), box: z.tuple([z.number(), z.number(), z.number(), z.number()]) })
        .transform(({ class: label, box: [x1, y1, x2, y2] }) => ({ label, box: { x1, y1, x2, y2 } })),
    ),
  }),
);

const samples = Object.entries(
  samplesSchema.parse(JSON.parse(await readFile(`${modelFolder}samples/samples.json`, 'utf8'))),
);

const labelsOf = (list: readonly { readonly label: string }[]) => list.map((item) => item.label).sort();

describe('demo model on the sample images', () => {
  let model: Model;

  beforeAll(async () => {
    model = await loadModel({
      modelPath: `${modelFolder}demo.onnx`,
      labelsPath: `${modelFolder}demo.labels.txt`,
      name: 'demo',
      threads: 1,
    });
  });

  describe.each(samples)('%s', (file, expected) => {
    let result: FileDetectionResult;

    beforeAll(async () => {
      result = await detectInFile(model, await readFile(`${modelFolder}samples/${file}`));
    });

    it(`${file} has the listed size and is below 150 kB`, async () => {
      expect(result.image).toMatchObject({ width: expected.widthPx, height: expected.heightPx });
      expect((await stat(`${modelFolder}samples/${file}`)).size).toBeLessThanOrEqual(maxBytes);
    });

    it(`the demo model finds exactly the objects of ${file}`, () => {
      expect(labelsOf(result.detections)).toEqual(labelsOf(expected.objects));
    });

    it(`the demo model's boxes overlap the objects of ${file} by more than half`, () => {
      for (const { label, box } of expected.objects) {
        const candidates = result.detections.filter((detection) => detection.label === label);
        const overlaps = candidates.map((detection) => overlapOf(detection.box, box));
        expect(Math.max(0, ...overlaps), `${label} at ${Object.values(box)}`).toBeGreaterThan(minOverlap);
      }
    });
  });
});
