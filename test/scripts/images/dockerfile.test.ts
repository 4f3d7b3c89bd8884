import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { parseDockerfile, parseFileCopy, UnknownInstructionError } from '#scripts/images/dockerfile.ts';
import { filesOf } from '#scripts/images/files.ts';
import { imageNames } from '#scripts/images/main.ts';
import { stageDockerfile } from '#scripts/images/stage-image.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-dockerfile-'));
});
afterAll(() => rm(folder, { recursive: true }));

const dockerfileOf = (service: string) => readFile(projectPath('workloads', service, 'Dockerfile'), 'utf8');

describe('parseDockerfile', () => {
  const [build, final] = parseDockerfile(
    [
      '# syntax=docker/dockerfile:1',
      'ARG BASE=node:24@sha256:1a',
      'FROM ${BASE} AS build',
      'RUN one \\',
      '  # in between',
      '  && two',
      '',
      'FROM ${BASE}',
      'copy --from=build --chmod=444 /a /b ./',
    ].join('\n'),
  );

  it('fills in build arguments and joins lines', () => {
    expect(build).toEqual({
      base: 'node:24@sha256:1a',
      name: 'build',
      instructions: [{ keyword: 'RUN', operands: 'one && two' }],
    });
  });

  it('takes a COPY apart', () => {
    const { flags, sources, target } = parseFileCopy(final!.instructions[0]!);
    expect({ flags: Object.fromEntries(flags), sources, target }).toEqual({
      flags: { from: 'build', chmod: '444' },
      sources: ['/a', '/b'],
      target: './',
    });
  });

  it('refuses what it cannot take apart', () => {
    expect(() => parseFileCopy({ keyword: 'COPY', operands: '["a", "b"]' })).toThrow(UnknownInstructionError);
    expect(() => parseDockerfile('# nothing\n')).toThrow(UnknownInstructionError);
  });
});

describe('the report and the Dockerfiles', () => {
  it('are about the same services', async () => {
    expect(await imageNames()).toEqual([...workloadNames]);
  });

  it.each([
    ['a folder of the build stage that nothing is known to fill', 'COPY --from=build /src/more/ ./'],
    ['a stage that does not exist', 'COPY --from=tools /packages/ ./'],
    ['a download of unknown size', `ADD --checksum=sha256:${'0'.repeat(64)} https://example.org/weights.onnx ./`],
    ['a command', 'RUN apt-get install -y curl'],
  ])('part when the final stage has %s', async (_name, instruction) => {
    const changed = (await dockerfileOf('metering')).replace('USER ', `${instruction}\nUSER `);
    await expect(stageDockerfile('metering', changed, join(folder, 'refused'))).rejects.toThrow(
      expect.objectContaining({ name: 'UnknownInstructionError', message: expect.stringContaining(instruction) }),
    );
  });

  it('part when the base or a download changes, or the build stage runs something else', async () => {
    const yolo5 = await dockerfileOf('yolo5');
    for (const [from, to] of [
      ['@sha256:a9f5', '@sha256:b0f5'],
      ['--checksum=sha256:04f0', '--checksum=sha256:14f0'],
      ['&& node tools', '&& rm -r docs && node tools'],
    ] as const) {
      const changed = yolo5.replace(from, to);
      expect(changed).not.toBe(yolo5);
      await expect(stageDockerfile('yolo5', changed, join(folder, from))).rejects.toThrow(UnknownInstructionError);
    }
  });

  it('agree on one more file from the checkout', async () => {
    const changed = (await dockerfileOf('metering')).replace('USER ', 'COPY LICENSE licences/\nUSER ');
    const files = await filesOf(await stageDockerfile('metering', changed, join(folder, 'more')));
    expect(files.map(({ path }) => path)).toEqual(['app/main.js', 'app/main.js.map', 'app/licences/LICENSE']);
  });
});
