/**
 * Copies what a service's bundle leaves out, the packages in its `dependencies` and what they need when they run, from
 * this repository's node_modules into a folder, for the container image.
 *
 * usage: node tools/collect-packages.ts <service> <folder>
 */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const repository = join(import.meta.dirname, '..');

/** What the packages run on, in the words of package.json's `os`, `cpu` and `libc`. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string;
}

/** The images are Debian's, whatever C library this machine has. */
const thisPlatform: Platform = { os: process.platform, cpu: process.arch, libc: 'glibc' };

/** An entry of package-lock.json's `packages`, by its folder: `node_modules/sharp`. */
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

/** A package that the service needs on that platform is not installed here. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';
}

/** Needed by onnxruntime-node's install script alone, which .npmrc forbids and which CPU inference can do without. */
const installTimeDependencies: Readonly<Record<string, readonly string[]>> = {
  'node_modules/onnxruntime-node': ['adm-zip', 'global-agent'],
};

/** Typings, sources, their maps and headers; and what runs at installation only. Licences and readmes stay. */
const notForRunning = [/\.(?:[cm]?ts|map|h|cc|gyp)$/, /^onnxruntime-node\/script\//, /^sharp\/install\//];

/** onnxruntime-node brings the binaries of every platform. */
const inferenceBinary = /^onnxruntime-node\/bin\/[^/]+\/(?<os>[^/]+)\/(?<cpu>[^/]+)\//;

export async function readLock(): Promise<LockedPackages> {
  return JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')).packages;
}

/** @returns the names of the copied packages, sorted. @throws MissingPackageError */
export async function collectPackages(
  service: string,
  folder: string,
  platform = thisPlatform,
): Promise<readonly string[]> {
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
    // An optional package may be absent from the lock file, as one for a platform that the others do not know.
    if (path === undefined || wanted.has(path) || !runsOn(lock[path]!, platform)) continue;
    wanted.add(path);
    addNeeds(lock, path, platform, wanted);
  }
}

/** The package that Node finds under that name from a package's folder. */
function locate(lock: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in lock) return path;
    if (folder === '.') return undefined;
  }
}

/** Whether a package may be installed on that platform; one that names none runs on all. */
export function runsOn({ os, cpu, libc }: LockedPackage, platform: Platform): boolean {
  const allows = (list: readonly string[] | undefined, value: string) => list === undefined || list.includes(value);
  return allows(os, platform.os) && allows(cpu, platform.cpu) && allows(libc, platform.libc);
}

/** What follows the first node_modules, as the package lies in the image: `sharp`, or `a/node_modules/b`. */
function nameOf(path: string): string {
  return path.slice(path.indexOf('node_modules/') + 'node_modules/'.length);
}

async function copyPackage(path: string, folder: string, platform: Platform): Promise<void> {
  const [from, name] = [join(repository, path), nameOf(path)];
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
  // Nested packages are collected by themselves, when they are needed.
  if (path.slice(name.length).includes('/node_modules/')) return false;
  const binary = inferenceBinary.exec(path)?.groups;
  if (binary !== undefined && (binary['os'] !== platform.os || binary['cpu'] !== platform.cpu)) return false;
  return !notForRunning.some((pattern) => pattern.test(path));
}

if (import.meta.main) {
  const [service, folder] = process.argv.slice(2);
  if (service === undefined || folder === undefined) {
    console.error('usage: node tools/collect-packages.ts <service> <folder>');
    process.exit(2);
  }
  console.log((await collectPackages(service, folder)).join('\n'));
}
