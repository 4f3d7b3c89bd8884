/**
 * Copies the packages that are not part of a service's bundle (its `dependencies` and their own run-time dependencies) from
 * this repository's node_modules into a folder, for the container image.
 *
 * usage: node tools/collect-packages.ts <service> <folder>
 */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { projectPath } from './project-path.ts';

/** The platform of an image, with the values of package.json's `os`, `cpu` and `libc`. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string;
}

/** The images are based on Debian, whatever C library this machine has. */
const thisPlatform: Platform = { os: process.platform, cpu: process.arch, libc: 'glibc' };

/** An entry of package-lock.json's `packages`; its key is a folder such as `node_modules/sharp`. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** A package that the service needs on the platform is not installed on this machine. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';
}

/** Only used by onnxruntime-node's install script, which .npmrc forbids and CPU inference does not need. */
const installTimeDependencies: Readonly<Record<string, readonly string[]>> = {
  'node_modules/onnxruntime-node': ['adm-zip', 'global-agent'],
};

/** Typings, sources, source maps, headers and install scripts. Licenses and readmes are kept. */
const notForRunTime = [/\.(?:[cm]?ts|map|h|cc|gyp)$/, /^onnxruntime-node\/script\//, /^sharp\/install\//];

/** onnxruntime-node contains the binaries of every platform. */
const inferenceBinary = /^onnxruntime-node\/bin\/[^/]+\/(?<os>[^/]+)\/(?<cpu>[^/]+)\//;

export async function readLock(): Promise<LockedPackages> {
  return JSON.parse(await readFile(projectPath('package-lock.json'), 'utf8')).packages;
}

/** @param folder is created. @returns the sorted names of the copied packages. @throws MissingPackageError */
export async function collectPackages(
  service: string,
  folder: string,
  platform = thisPlatform,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const wanted = new Set<string>();
  addNeeds(await readLock(), `workloads/${service}`, platform, wanted);
  for (const path of wanted) await copyPackage(path, folder, platform);
  return [...wanted].map(nameOf).sort();
}

function addNeeds(lock: LockedPackages, from: string, platform: Platform, wanted: Set<string>): void {
  const { dependencies, optionalDependencies } = lock[from]!;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (installTimeDependencies[from]?.includes(name)) continue;
    const path = locate(lock, from, name);
    // Optional packages can be absent from the lock file, for example those for unsupported platforms.
    if (path === undefined || wanted.has(path) || !runsOn(lock[path]!, platform)) continue;
    wanted.add(path);
    addNeeds(lock, path, platform, wanted);
  }
}

/** Resolves a package name from a package's folder, as Node does. */
function locate(lock: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in lock) return path;
    if (folder === '.') return undefined;
  }
}

/** Whether a package can be installed on a platform; one without restrictions runs on all. */
export function runsOn({ os, cpu, libc }: LockedPackage, platform: Platform): boolean {
  const allows = (list: readonly string[] | undefined, value: string) => list === undefined || list.includes(value);
  return allows(os, platform.os) && allows(cpu, platform.cpu) && allows(libc, platform.libc);
}

/** The path below the first node_modules, which is the package's path in the image: `sharp`, or `a/node_modules/b`. */
function nameOf(path: string): string {
  return path.slice(path.indexOf('node_modules/') + 'node_modules/'.length);
}

async function copyPackage(path: string, folder: string, platform: Platform): Promise<void> {
  const [from, name] = [projectPath(path), nameOf(path)];
  const entries = await readdir(from, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    const { os, cpu, libc } = platform;
    const message = `${name} is not installed here: npm ci --os ${os} --cpu ${cpu} --libc ${libc} installs it`;
    throw new MissingPackageError(message, { cause: error });
  });
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const inside = join(name, relative(from, file));
    if (!entry.isFile() || !isNeeded(inside.replaceAll(sep, '/'), name, platform)) continue;
    await mkdir(dirname(join(folder, inside)), { recursive: true });
    await copyFile(file, join(folder, inside));
  }
}

/** @param path e.g. onnxruntime-node/dist/index.js */
function isNeeded(path: string, name: string, platform: Platform): boolean {
  // Nested packages are copied on their own if they are needed.
  if (path.slice(name.length).includes('/node_modules/')) return false;
  const binary = inferenceBinary.exec(path)?.groups;
  if (binary !== undefined && (binary['os'] !== platform.os || binary['cpu'] !== platform.cpu)) return false;
  return !notForRunTime.some((pattern) => pattern.test(path));
}

if (import.meta.main) {
  const [service, folder] = process.argv.slice(2);
  if (service === undefined || folder === undefined) {
    console.error('usage: node tools/collect-packages.ts <service> <folder>');
    process.exit(2);
  }
  console.log((await collectPackages(service, folder)).join('\n'));
}
