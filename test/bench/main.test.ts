import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyModel } from '#support/workloads/tiny-model.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-bench-test-'));
  const rows = [[16, 16, 8, 8, 1, 0.5]];
  const { modelPath, labelsPath } = await writeTinyModel(folder, { side: 64, rows, labels: ['cat'] });
  environment = { ...process.env, YOLO5_MODEL: modelPath, YOLO5_LABELS: labelsPath };
});
afterAll(() => rm(folder, { recursive: true }));

const bench = (...args: readonly string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), ...args],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

describe('./stepkube bench', () => {
  it('./stepkube bench prints a table of ratios for every part and names the model', async () => {
    const parts = ['detector', 'memory', 'services'].flatMap((name) => ['--only', name]);
    const { code, stdout, stderr } = await bench(...parts, '--runs', '2', '--pictures', '20', '--megapixels', '1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('memory: 20 pictures') });
    expect(stdout).toMatch(/^model: .*tiny\.onnx; threads: 1; /);
    const rows = stdout
      .split('\n')
      .filter((line) => / {2}\d+\.\d{3} {2,}(<= \d\.\d+ {2,}(met|MISSED)|none)$/.test(line));
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual([
      expect.stringContaining('bytes to detections, 1280x720 JPEG'),
      'decoding in a process of its own',
      'resident memory, second half of 20 pictures',
      'peak memory, with the largest images of each format',
      'peak memory of polybot, photos of 20 MB, 12 at once',
      'peak memory of metering, 20 events',
      'peak memory of model-analyzer, 20 events',
    ]);
  });

  it('./stepkube bench --only measures only that part', async () => {
    const { code, stdout, stderr } = await bench('--only', 'detector', '--runs', '1', '--threads', '2');
    expect(code).toBe(0);
    expect(stdout).toContain('threads: 2');
    expect(`${stdout}${stderr}`).not.toContain('memory');
  });
});
