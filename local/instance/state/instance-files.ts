/** Puts files and programs into an instance's root folder. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Instance } from './instance.ts';

/** Writes a file of the instance, and creates its folders. */
export async function writeInstanceFile(
  instance: Instance,
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const file = instance.path(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode });
  await chmod(file, mode);
}

/** Makes `path` a shim: a program whose calls the twin answers. */
export async function linkShim(instance: Instance, path: string): Promise<void> {
  await linkProgram(instance, path, instance.shimScript);
}

/** Makes `path` a link to a program of this machine. */
export async function linkProgram(instance: Instance, path: string, target: string): Promise<void> {
  const link = instance.path(path);
  await mkdir(dirname(link), { recursive: true });
  await symlink(target, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
