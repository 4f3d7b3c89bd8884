/** The installed and held packages of an instance, in files of its root folder as dpkg's own status is. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Instance } from './instance.ts';

/** Versions by package name. */
export type Packages = Readonly<Record<string, string>>;

const statusFile = '/var/lib/shim-packages.json';
const holdsFile = '/var/lib/shim-holds.json';

export async function readPackages(instance: Instance): Promise<Packages> {
  return JSON.parse(await readFile(instance.path(statusFile), 'utf8')) as Packages;
}

export async function writePackages(instance: Instance, packages: Packages): Promise<void> {
  await writeFile(instance.path(statusFile), `${JSON.stringify(packages, null, 2)}\n`);
}

export async function readHolds(instance: Instance): Promise<readonly string[]> {
  const content = await readFile(instance.path(holdsFile), 'utf8').catch(() => '[]');
  return JSON.parse(content) as string[];
}

export async function writeHolds(instance: Instance, holds: readonly string[]): Promise<void> {
  await writeFile(instance.path(holdsFile), `${JSON.stringify(holds)}\n`);
}
