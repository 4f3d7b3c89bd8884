import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LockedPackages, readLock } from '@stepkube/tools/collect-packages.ts';
import { filesOf, type ImageFile } from './files.ts';
import type { StagedImage } from './stage-image.ts';

/** An npm package of which at least a part is in the image, either in the bundle or in node_modules. */
export interface ImagePackage {
  readonly name: string;
  readonly version: string;
  /** As stated by its publisher, mostly an SPDX expression. */
  readonly license: string | undefined;
  /** SHA-512 of the published package in hex; undefined for a package that is bundled within another package. */
  readonly sha512: string | undefined;
  readonly place: 'bundle' | 'node_modules';
  /** Libraries that its binaries contain. */
  readonly compiledIn: readonly { readonly name: string; readonly version: string }[];
}

/** Sorted by name and version. */
export async function packagesOf(image: StagedImage): Promise<readonly ImagePackage[]> {
  const lock = await readLock();
  const packages = new Map<string, ImagePackage>();
  const add = (folder: string, place: ImagePackage['place'], compiledIn: ImagePackage['compiledIn'] = []) => {
    const found = lookUp(lock, folder, place, compiledIn);
    const key = `${found.name}@${found.version}`;
    if (!packages.has(key)) packages.set(key, found);
  };
  for (const [path, folder] of copiedFolders(await filesOf(image)))
    add(lockKey(lock, path, image.service), 'node_modules', await compiledInto(folder));
  for (const folder of bundledFolders(image)) add(folder, 'bundle');
  return [...packages.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, found]) => found);
}

/** Folders such as `node_modules/zod`, of packages that contribute at least one byte to the bundle. */
function bundledFolders({ metafile }: StagedImage): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = packageFolderOf(path);
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return folders;
}

/** The packages' folders in the image -> their folders on this machine. */
function copiedFolders(files: readonly ImageFile[]): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const { path, file } of files) {
    const folder = packageFolderOf(path);
    if (folder !== undefined) folders.set(folder, file.slice(0, -path.slice(folder.length).length));
  }
  return folders;
}

/** @returns the folder of a file's package; undefined for a file that belongs to none. */
export function packageFolderOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

/** A package in the image comes from the root's node_modules, or else from the workspace's. */
function lockKey(lock: LockedPackages, path: string, service: string): string {
  const key = path.slice(path.indexOf('node_modules/'));
  return key in lock ? key : `workloads/${service}/${key}`;
}

function lookUp(
  lock: LockedPackages,
  folder: string,
  place: ImagePackage['place'],
  compiledIn: ImagePackage['compiledIn'],
): ImagePackage {
  const { version, license, integrity } = lock[folder] ?? {};
  if (version === undefined) throw new Error(`${folder} is in the image, but not in package-lock.json: run npm ci`);
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const [, digest] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  const sha512 = digest === undefined ? undefined : Buffer.from(digest, 'base64').toString('hex');
  return { name, version, license, sha512, place, compiledIn };
}

/** sharp's libvips package lists its linked libraries in versions.json. */
async function compiledInto(folder: string): Promise<ImagePackage['compiledIn']> {
  const versions = await readFile(join(folder, 'versions.json'), 'utf8').catch(() => '{}');
  return Object.entries(JSON.parse(versions) as Record<string, string>).map(([name, version]) => ({ name, version }));
}
