/** Unpacks layer zips once per machine: the kubectl layer is large and never changes. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unzip } from 'fflate';
import { projectPath } from './project-path.ts';

const cacheFolder = projectPath('.cache', 'lambda-layers');
const unpacking = new Map<string, Promise<string>>();

/** @returns the folder that holds what /opt holds on AWS. */
export function unpackLayer(zipFile: string): Promise<string> {
  let folder = unpacking.get(zipFile);
  if (folder === undefined) {
    folder = unpack(zipFile);
    unpacking.set(zipFile, folder);
    folder.catch(() => unpacking.delete(zipFile));
  }
  return folder;
}

async function unpack(zipFile: string): Promise<string> {
  const folder = join(cacheFolder, await hashOf(zipFile));
  if (existsSync(folder)) return folder;
  // Written aside and renamed, so that another twin starting at the same time never sees half a layer.
  const partial = `${folder}.${process.pid}`;
  for (const [name, content] of Object.entries(await entriesOf(zipFile))) {
    if (name.endsWith('/')) continue;
    const file = join(partial, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    // fflate does not tell file modes; a layer's programs must be executable and its data does not mind.
    await chmod(file, 0o755);
  }
  try {
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex').slice(0, 32);
}

async function entriesOf(zipFile: string): Promise<Record<string, Uint8Array>> {
  const zip = await readFile(zipFile);
  return new Promise((resolve, reject) => {
    unzip(zip, (error, entries) => (error ? reject(new Error(`${zipFile}: ${error.message}`)) : resolve(entries)));
  });
}
