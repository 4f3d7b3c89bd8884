import { readFile } from 'node:fs/promises';
import { dockerfilePath, imageBuildOf } from '@stepkube/tools/service-image.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { flattenStage, parseDockerfile, parseFileCopy, type Stage } from '#scripts/images/dockerfile-parser.ts';

let dockerfile: string;
beforeAll(async () => {
  dockerfile = await readFile(dockerfilePath, 'utf8');
});

const stagesOf = (service: string): readonly Stage[] => parseDockerfile(dockerfile, imageBuildOf(service).buildArgs);
const imageOf = (service: string): Stage => flattenStage(stagesOf(service), imageBuildOf(service).target);

describe('Dockerfile of the services', () => {
  it('every stage is based on the one Node image, pinned by digest, on another stage or on scratch', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-\S+@sha256:[0-9a-f]{64}$/m);
    const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)];
    const names = stages.map(([, , name]) => name);
    const bases = stages.map(([, base]) => base!);
    expect(bases.filter((base) => base !== '${NODE_IMAGE}' && base !== 'scratch' && !names.includes(base))).toEqual([]);
  });

  it('npm ci runs after the package files of all workspaces were copied', () => {
    const [build] = stagesOf('metering');
    const [, copy, install] = build!.instructions.filter(({ keyword }) => keyword !== 'ARG');
    expect(copy!.operands.split(' ')).toEqual(
      expect.arrayContaining([
        '--parents',
        '*/package.json',
        'workloads/*/package.json',
        'package-lock.json',
        '.npmrc',
      ]),
    );
    expect(install!.operands).toBe('npm ci --workspace @stepkube/metering --include-workspace-root=false');
  });

  it('the weights are fetched with a pinned checksum', () => {
    expect(dockerfile).toMatch(/^ARG YOLOV5_SHA256=[0-9a-f]{64}$/m);
    expect(dockerfile).toMatch(/^ADD --checksum=sha256:\$\{YOLOV5_SHA256\} /m);
  });

  // BuildKit creates missing folders with the mode of --chmod, and only root can enter a folder of mode 444.
  it('read-only files are put into folders that WORKDIR has created', () => {
    const copies = stagesOf('yolo5').flatMap(({ instructions }) =>
      instructions.filter(({ operands }) => operands.includes('--chmod=')),
    );
    expect(copies.map((copy) => parseFileCopy(copy).target)).toEqual(['./', './']);
  });
});

describe.each(workloadNames)('container image of %s', (service) => {
  it(`the image of ${service} runs as the manifests' user and starts node without a shell`, () => {
    const { instructions } = imageOf(service);
    const operandsOf = (wanted: string) =>
      instructions.filter(({ keyword }) => keyword === wanted).map(({ operands }) => operands);
    expect(operandsOf('WORKDIR')).toEqual(['/app']);
    expect(operandsOf('USER')).toEqual(['10001:10001']);
    expect(operandsOf('ENTRYPOINT')).toEqual(['["node", "--enable-source-maps", "main.js"]']);
    expect(operandsOf('CMD')).toEqual([]);
  });

  it(`the files of ${service} belong to root; those from the checkout are read-only`, () => {
    const stages = [imageOf(service), ...stagesOf(service).filter(({ base }) => base === 'scratch')];
    const copies = stages.flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'ADD' || keyword === 'COPY'),
    );
    for (const { flags } of copies.map(parseFileCopy)) {
      expect(flags.has('chown')).toBe(false);
      expect(flags.get('from') ?? flags.get('chmod')).toMatch(/^(?:build|yolo5-model|444)$/);
    }
  });
});

it('only yolo5 is built from a stage of its own, all other services from the common one', () => {
  expect(workloadNames.filter((name) => imageBuildOf(name).target !== 'service')).toEqual(['yolo5']);
});
