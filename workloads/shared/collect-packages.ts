/**
 * Copies what a service's bundle leaves out, the packages in its `dependencies` and what they need, from this
 * repository's node_modules into a folder, for the container image. Binaries of other platforms stay behind.
 *
 * usage: node workloads/shared/collect-packages.ts <service> <folder>
 */
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');
const packagesFolder = join(repository, 'node_modules');

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** @returns the names of the copied packages, sorted. */
export async function collectPackages(service: string, folder: string): Promise<readonly string[]> {
  const wanted = new Set<string>();
  await addNeeds(join(repository, 'workloads', service), wanted);
  const names = [...wanted].sort();
  for (const name of names) {
    await cp(join(packagesFolder, name), join(folder, name), { recursive: true, filter: runsHere });
  }
  return names;
}

/** Platform packages that are not installed here are optional, and for other platforms. */
async function addNeeds(folder: string, wanted: Set<string>): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const needed = join(packagesFolder, name);
    if (wanted.has(name) || (name in (manifest.optionalDependencies ?? {}) && !existsSync(needed))) continue;
    wanted.add(name);
    await addNeeds(needed, wanted);
  }
}

/** onnxruntime-node brings the binaries of every platform: bin/napi-v6/<platform>/<architecture>/. */
function runsHere(path: string): boolean {
  const [, platform, architecture] = /\/onnxruntime-node\/bin\/[^/]+\/([^/]+)(?:\/([^/]+))?/.exec(path) ?? [];
  if (platform !== undefined && platform !== process.platform) return false;
  return architecture === undefined || architecture === process.arch;
}

if (import.meta.main) {
  const [service, folder] = process.argv.slice(2);
  if (service === undefined || folder === undefined) {
    console.error('usage: node workloads/shared/collect-packages.ts <service> <folder>');
    process.exit(2);
  }
  console.log((await collectPackages(service, folder)).join('\n'));
}
