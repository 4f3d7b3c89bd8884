import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { InferenceSession as Session } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InferenceSession } from '#workloads/yolo5/src/detector/onnxruntime.ts';

const modelFolder = pathToFileURL(projectPath('workloads/yolo5/model/'));
const maxBytes = 1_500_000;

const metricsSchema = z.object({
  sha256: z.string(),
  bytes: z.number(),
  inputSidePx: z.number(),
  classes: z.array(z.string()),
  heldOut: z.object({
    trainedGlyphSets: z.object({ mAP50: z.number() }),
    bareBackgrounds: z.object({ withoutDetection: z.number() }),
  }),
});

const readLines = async (file: string): Promise<string[]> =>
  (await readFile(new URL(file, modelFolder), 'utf8')).split('\n').filter((line) => line !== '');

describe('demo model', () => {
  let session: Session;
  let bytes: Buffer;
  let metrics: z.infer<typeof metricsSchema>;

  beforeAll(async () => {
    bytes = await readFile(new URL('demo.onnx', modelFolder));
    metrics = metricsSchema.parse(JSON.parse(await readFile(new URL('demo.metrics.json', modelFolder), 'utf8')));
    session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  });

  it('the demo model has the input and output of a YOLOv5 export', () => {
    const [input] = session.inputMetadata;
    const [output] = session.outputMetadata;
    const side = metrics.inputSidePx;
    const cells = [8, 16, 32].reduce((sum, stride) => sum + (side / stride) ** 2, 0);
    expect(input).toMatchObject({ name: 'images', type: 'float32', shape: [1, 3, side, side] });
    expect(output).toMatchObject({
      name: 'output0',
      type: 'float32',
      shape: [1, 3 * cells, 5 + metrics.classes.length],
    });
  });

  it('the demo model has one label per class, all of them COCO names', async () => {
    const labels = await readLines('demo.labels.txt');
    expect(labels).toEqual(metrics.classes);
    expect(labels.length).toBeGreaterThanOrEqual(8);
    expect(await readLines('coco.labels.txt')).toEqual(expect.arrayContaining(labels));
  });

  it('the demo model is the file whose metrics are recorded', () => {
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(metrics.sha256);
    expect(bytes.length).toBe(metrics.bytes);
  });

  it('the demo model is below 1.5 MB', async () => {
    expect((await stat(new URL('demo.onnx', modelFolder))).size).toBeLessThanOrEqual(maxBytes);
  });

  it('the recorded metrics of the demo model exceed 0.9 mAP50 on held-out images and 0.8 empty backgrounds', () => {
    expect(metrics.heldOut.trainedGlyphSets.mAP50).toBeGreaterThan(0.9);
    expect(metrics.heldOut.bareBackgrounds.withoutDetection).toBeGreaterThan(0.8);
  });
});

describe('COCO labels', () => {
  it('coco.labels.txt has the 80 COCO names in the order of the official weights', async () => {
    const labels = await readLines('coco.labels.txt');
    expect(labels).toHaveLength(80);
    expect(new Set(labels).size).toBe(80);
    expect([labels[0], labels[5], labels[16], labels[39], labels[79]]).toEqual([
      'person',
      'bus',
      'dog',
      'bottle',
      'toothbrush',
    ]);
  });
});
