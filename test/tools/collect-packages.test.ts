import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectPackages, MissingPackageError, runsOn } from '@stepkube/tools/collect-packages.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let names: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-packages-'));
  names = await collectPackages('yolo5', folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe('collectPackages', () => {
  it('collectPackages copies the native packages and their dependencies, and nothing that is bundled', () => {
    expect(names).toEqual(expect.arrayContaining(['onnxruntime-common', 'onnxruntime-node', 'sharp', 'detect-libc']));
    expect(names.filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
    expect(names.every((name) => existsSync(join(folder, name, 'package.json')))).toBe(true);
  });

  it('collectPackages omits the inference binaries of other platforms', async () => {
    const binaries = join(folder, 'onnxruntime-node/bin/napi-v6');
    expect(await readdir(binaries)).toEqual([process.platform]);
    expect(await readdir(join(binaries, process.platform))).toEqual([process.arch]);
  });

  it('collectPackages omits files for installation and development, and keeps the licenses', async () => {
    expect(names).not.toContain('global-agent');
    expect(names).not.toContain('adm-zip');
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((file) => /\.(?:ts|mts|cts|map|h|cc)$|\/(?:script|install)\//.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['sharp/LICENSE', 'detect-libc/LICENSE']));
  });

  it('collectPackages throws MissingPackageError for a package of the platform that is not installed', async () => {
    const elsewhere = { os: 'darwin', cpu: process.arch === 'arm64' ? 'x64' : 'arm64', libc: 'glibc' };
    await expect(collectPackages('yolo5', join(folder, 'elsewhere'), elsewhere)).rejects.toThrow(
      new MissingPackageError(
        `@img/sharp-darwin-${elsewhere.cpu} is not installed here: npm ci --os darwin --cpu ${elsewhere.cpu} --libc glibc installs it`,
      ),
    );
  });

  it('collectPackages creates an empty folder for a service without native packages', async () => {
    const empty = join(folder, 'empty');
    expect(await collectPackages('polybot', empty)).toEqual([]);
    expect(await readdir(empty)).toEqual([]);
  });
});

describe('runsOn', () => {
  const debian = { os: 'linux', cpu: 'x64', libc: 'glibc' };

  it.each([
    ['a package without restrictions', true, {}],
    ['binaries for linux, x64 and glibc', true, { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
    ['binaries for musl', false, { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['binaries for another processor', false, { os: ['linux'], cpu: ['arm64'] }],
    ['binaries for other systems', false, { os: ['darwin', 'win32'] }],
  ])('runsOn(%s, Debian on x64) is %s', (_name, runs, locked) => {
    expect(runsOn(locked, debian)).toBe(runs);
  });
});
