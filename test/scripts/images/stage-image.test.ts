import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerfilePath } from '@stepkube/tools/service-image.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnknownInstructionError } from '#scripts/images/dockerfile-parser.ts';
import { filesOf } from '#scripts/images/files.ts';
import { stageDockerfile } from '#scripts/images/stage-image.ts';

let folder: string;
let dockerfile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-dockerfile-'));
  dockerfile = await readFile(dockerfilePath, 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

describe('stageDockerfile', () => {
  it.each([
    ['copies a folder that no known command creates', 'COPY --from=build /src/more/ ./'],
    ['copies from a stage that does not exist', 'COPY --from=tools /packages/ ./'],
    ['adds a file of unknown size', `ADD --checksum=sha256:${'0'.repeat(64)} https://example.org/weights.onnx ./`],
    ['runs a command', 'RUN apt-get install -y curl'],
  ])('a Dockerfile whose image %s is refused', async (_name, instruction) => {
    const changed = dockerfile.replace('USER ', `${instruction}\nUSER `);
    await expect(stageDockerfile('metering', changed, join(folder, 'refused'))).rejects.toThrow(
      expect.objectContaining({ name: 'UnknownInstructionError', message: expect.stringContaining(instruction) }),
    );
  });

  it.each([
    ['base image', '@sha256:a9f5', '@sha256:b0f5'],
    ['checksum of the weights', 'YOLOV5_SHA256=04f0', 'YOLOV5_SHA256=14f0'],
    ['command of the build stage', '&& node tools', '&& rm -r docs && node tools'],
    ['instruction of the model stage', 'WORKDIR /model', 'WORKDIR /model\nRUN sha256sum yolov5n.onnx'],
  ])('a Dockerfile with an unknown %s is refused', async (_name, from, to) => {
    const changed = dockerfile.replace(from, to);
    expect(changed).not.toBe(dockerfile);
    await expect(stageDockerfile('yolo5', changed, join(folder, from))).rejects.toThrow(UnknownInstructionError);
  });

  it('a file that is copied from the checkout is part of the image', async () => {
    const changed = dockerfile.replace('USER ', 'COPY LICENSE licenses/\nUSER ');
    const files = await filesOf(await stageDockerfile('metering', changed, join(folder, 'more')));
    expect(files.map(({ path }) => path)).toEqual(['app/main.js', 'app/main.js.map', 'app/licenses/LICENSE']);
  });

  it('the image of yolo5 has its model files beside the bundle, and fetches the official weights', async () => {
    const image = await stageDockerfile('yolo5', dockerfile, join(folder, 'yolo5'));
    const models = (await filesOf(image)).filter(({ path }) => path.startsWith('app/model/'));
    expect(models.map(({ path }) => path).sort()).toEqual([
      'app/model/coco.labels.txt',
      'app/model/demo.labels.txt',
      'app/model/demo.onnx',
    ]);
    expect(image.downloads.map(({ name }) => name)).toEqual(['yolov5n']);
  });
});
