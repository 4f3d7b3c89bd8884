import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectPackages } from '../../../workloads/shared/collect-packages.ts';

let folder: string;
let names: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-packages-'));
  names = await collectPackages('yolo5', folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe('collectPackages', () => {
  it('copies the native packages and what they need, and nothing that is bundled', () => {
    expect(names).toEqual(expect.arrayContaining(['onnxruntime-common', 'onnxruntime-node', 'sharp', 'detect-libc']));
    expect(names.filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
    expect(names.every((name) => existsSync(join(folder, name, 'package.json')))).toBe(true);
  });

  it('leaves the inference binaries of other platforms behind', async () => {
    const binaries = join(folder, 'onnxruntime-node/bin/napi-v6');
    expect(await readdir(binaries)).toEqual([process.platform]);
    expect(await readdir(join(binaries, process.platform))).toEqual([process.arch]);
  });

  it('copies nothing for a service that is all in its bundle', async () => {
    expect(await collectPackages('polybot', folder)).toEqual([]);
  });
});
