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

  it('leaves behind what is for installing and developing, and keeps the licences', async () => {
    expect(names).not.toContain('global-agent');
    expect(names).not.toContain('adm-zip');
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((file) => /\.(?:ts|mts|cts|map|h|cc)$|\/(?:script|install)\//.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['sharp/LICENSE', 'detect-libc/LICENSE']));
  });

  it('refuses to leave out a package of the platform that is not installed', async () => {
    const elsewhere = { os: 'darwin', cpu: process.arch === 'arm64' ? 'x64' : 'arm64', libc: 'glibc' };
    await expect(collectPackages('yolo5', join(folder, 'elsewhere'), elsewhere)).rejects.toThrow(
      new MissingPackageError(
        `@img/sharp-darwin-${elsewhere.cpu} is not installed here: npm ci --os darwin --cpu ${elsewhere.cpu} --libc glibc installs it`,
      ),
    );
  });

  it('copies nothing for a service that is all in its bundle', async () => {
    expect(await collectPackages('polybot', folder)).toEqual([]);
  });
});

describe('runsOn', () => {
  const debian = { os: 'linux', cpu: 'x64', libc: 'glibc' };

  it.each([
    ['what names no platform', {}, true],
    ['its own binaries', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }, true],
    ['binaries for musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }, false],
    ['binaries for another processor', { os: ['linux'], cpu: ['arm64'] }, false],
    ['binaries for another system', { os: ['darwin', 'win32'] }, false],
  ])('Debian, %s', (_name, wanted, runs) => {
    expect(runsOn(wanted, debian)).toBe(runs);
  });
});
