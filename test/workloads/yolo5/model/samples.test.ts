import { readFile, stat } from 'node:fs/promises';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { detect, type Prediction } from '#workloads/yolo5/src/detector/detector.ts';
import { loadModel, type Model } from '#workloads/yolo5/src/detector/model.ts';
import { overlapOf } from '#workloads/yolo5/src/detector/suppress.ts';

const MODEL_FOLDER = projectPath('workloads/yolo5/model/');
const BYTES_LIMIT = 150_000;
const LEAST_OVERLAP = 0.5;

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
  samplesSchema.parse(JSON.parse(await readFile(`${MODEL_FOLDER}samples/samples.json`, 'utf8'))),
);

const labelsOf = (list: readonly { readonly label: string }[]) => list.map((item) => item.label).sort();

describe('the demo model on its sample pictures', () => {
  let model: Model;

  beforeAll(async () => {
    model = await loadModel({
      modelPath: `${MODEL_FOLDER}demo.onnx`,
      labelsPath: `${MODEL_FOLDER}demo.labels.txt`,
      name: 'demo',
      threads: 1,
    });
  });

  describe.each(samples)('%s', (file, expected) => {
    let prediction: Prediction;

    beforeAll(async () => {
      prediction = await detect(model, await readFile(`${MODEL_FOLDER}samples/${file}`));
    });

    it('has the listed size and is a small file', async () => {
      expect(prediction.picture).toMatchObject({ width: expected.widthPx, height: expected.heightPx });
      expect((await stat(`${MODEL_FOLDER}samples/${file}`)).size).toBeLessThanOrEqual(BYTES_LIMIT);
    });

    it('gives exactly the objects that are on it', () => {
      expect(labelsOf(prediction.detections)).toEqual(labelsOf(expected.objects));
    });

    it('gives a box on each of them', () => {
      for (const { label, box } of expected.objects) {
        const candidates = prediction.detections.filter((detection) => detection.label === label);
        const overlaps = candidates.map((detection) => overlapOf(detection.box, box));
        expect(Math.max(0, ...overlaps), `${label} at ${Object.values(box)}`).toBeGreaterThan(LEAST_OVERLAP);
      }
    });
  });
});
