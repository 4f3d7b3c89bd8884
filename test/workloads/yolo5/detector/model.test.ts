import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TinyModel, writeEchoModel, writeTinyModel } from '#support/workloads/tiny-model.ts';
import { loadModel } from '#workloads/yolo5/src/detector/model.ts';
import { withInput } from '#workloads/yolo5/src/detector/model-input.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tiny: TinyModel = { side: 32, rows: [[16, 16, 8, 8, 0.5, 0.25, 0.75]], labels: ['cat', 'dog'] };
const load = async (model: Partial<TinyModel> = {}) =>
  loadModel({ ...(await writeTinyModel(folder, { ...tiny, ...model })), name: 'tiny', threads: 1 });

describe('loadModel', () => {
  it('loadModel reads side and labels from the files and runs the model', async () => {
    const model = await load();
    expect({ side: model.side, labels: model.labels }).toEqual({ side: 32, labels: ['cat', 'dog'] });
    expect([...(await model.run(new Float32Array(3 * 32 * 32)))]).toEqual(tiny.rows[0]);
  });

  it.each([
    { half: false, name: 'float32', third: Math.fround(1 / 3) },
    { half: true, name: 'float16 (like the official files)', third: 0.333251953125 },
  ])('a model with $name tensors gets its input and returns its output unchanged', async ({ half, third }) => {
    const model = await loadModel({ ...(await writeEchoModel(folder, { side: 4, half })), name: 'echo', threads: 1 });
    expect(model.isHalf).toBe(half);
    const numbers = Array.from({ length: 48 }, (_, index) => [0, 1 / 3, 1][index % 3]!);
    const output = await withInput(model, (input) => {
      input.set(numbers);
      return model.run(input);
    });
    expect([...output]).toEqual(numbers.map((number) => (number === 1 / 3 ? third : number)));
  });

  it('loadModel uses the beginning of the SHA-256 as the default version', async () => {
    const { identity } = await load();
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, 'tiny.onnx')))
      .digest('hex');
    expect(identity).toEqual({ name: 'tiny', version: sha256.slice(0, 12), sha256 });
  });

  it('loadModel refuses a labels file with another number of labels, naming both files', async () => {
    await expect(load({ labels: ['cat'] })).rejects.toThrow(
      `${join(folder, 'tiny.labels.txt')} has 1 labels, but ${join(folder, 'tiny.onnx')} has 2 classes`,
    );
  });

  it('loadModel refuses other shapes and names the expected ones', async () => {
    await expect(load({ inputShape: [1, 3, 32, 64] })).rejects.toThrow('takes [1,3,32,64]: a static [1,3,side,side]');
    await expect(load({ rows: [[1, 2, 3, 4]] })).rejects.toThrow("gives [1,1,4]: YOLOv5's [1,boxes,5+classes]");
  });

  it('loadModel refuses a missing file and a file that is no ONNX model', async () => {
    const missing = { modelPath: join(folder, 'none.onnx'), labelsPath: '', name: 'none', threads: 1 };
    await expect(loadModel(missing)).rejects.toThrow(`${join(folder, 'none.onnx')} cannot be read`);
    await writeFile(join(folder, 'none.onnx'), 'not a model');
    await expect(loadModel(missing)).rejects.toThrow(`${join(folder, 'none.onnx')} is not an ONNX model`);
  });
});
