import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder as repository } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { reportImages } from '#scripts/images/main.ts';
import { type LayerSize, measureLayers } from '#scripts/images/measure.ts';
import { compressedBytesOf, tableOf } from '#scripts/images/report.ts';
import { stageImage } from '#scripts/images/stage-image.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-images-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (...args: readonly string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, ['scripts/images/main.ts', ...args], { cwd: repository }).then(
    (printed) => ({ code: 0, ...printed }),
    (error: Ended) => error,
  );

describe('npm run images', () => {
  it.each([
    [['--color'], '--color'],
    [['--output'], '--output'],
    [['polybot'], 'polybot'],
    [['--service', 'yolo6'], `--service yolo6: not one of ${workloadNames.join(', ')}`],
  ])('npm run images %j is refused in one line with exit code 2', async (args, named) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
    expect(stderr).toContain(named);
  });

  it('npm run images --help lists every option', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const option of ['--output', '--service', '--help']) expect(stdout).toContain(option);
  });

  it('npm run images --service reports one service on stdout and its progress on stderr', async () => {
    const output = join(folder, 'one');
    const { code, stdout, stderr } = await run('--service', 'metering', '--output', output);
    expect(code).toBe(0);
    expect(stdout).toMatch(/under 120 MB: ok; \d+ components in \S+metering\.cdx\.json/);
    expect(stdout).toContain('docker-library/repo-info');
    expect(stderr).toContain('metering');
    expect(await readdir(output)).toEqual(['metering.cdx.json']);
  });

  it('the report names the largest parts of an image that is too large', async () => {
    const progress = vi.spyOn(console, 'error').mockReturnValue();
    const { text, allFit } = await reportImages(['metering'], join(folder, 'large'), () => 1_000_000);
    progress.mockRestore();
    expect(allFit).toBe(false);
    expect(text).toContain('under 1 MB: TOO LARGE');
    expect(text).toMatch(/its largest parts:\n\s+app\/main\.js.*\n\s+app\/main\.js/);
  });
});

describe('measureLayers', () => {
  let layers: readonly LayerSize[];
  beforeAll(async () => {
    layers = await measureLayers(await stageImage('yolo5', join(folder, 'yolo5')));
  });

  it('measureLayers gives every layer a size; only the base lacks the unpacked one', () => {
    expect(layers.every(({ compressedBytes }) => compressedBytes > 0)).toBe(true);
    expect(layers.filter(({ bytes }) => bytes === undefined).map(({ title }) => title.slice(0, 9))).toEqual([
      'FROM node',
    ]);
    expect(layers.filter(({ recordedFrom }) => recordedFrom !== undefined)).toHaveLength(2);
    for (const { bytes, compressedBytes } of layers.slice(1)) expect(bytes).toBeGreaterThanOrEqual(compressedBytes);
  });

  it('the layers of yolo5 sum up to less than the maximum of 250 MB, as the table says', () => {
    const sum = layers.map(({ compressedBytes }) => compressedBytes).reduce((one, other) => one + other);
    expect(compressedBytesOf(layers)).toBe(sum);
    expect(sum).toBeLessThan(250_000_000);
    const report = {
      service: 'yolo5',
      layers,
      targetBytes: 250_000_000,
      componentCount: 1,
      sbomFile: 's',
      largest: [],
    };
    expect(tableOf([report])).toMatch(new RegExp(`total .* ${(sum / 1e6).toFixed(2)} MB\n`));
  });

  it('measureLayers gives equal sizes for equal files', async () => {
    expect(await measureLayers(await stageImage('yolo5', join(folder, 'again')))).toEqual(layers);
  });
});
