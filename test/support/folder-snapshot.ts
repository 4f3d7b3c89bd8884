import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file under a folder, by path: modification time and content, for a symbolic link its target. */
export async function snapshotFolder(
  folder: string,
  isIgnored: (path: string) => boolean = () => false,
): Promise<Record<string, string>> {
  const snapshot: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file);
    if (entry.isDirectory() || isIgnored(path)) continue;
    const content = entry.isSymbolicLink() ? await readlink(file) : await readFile(file, 'utf8');
    snapshot[path] = `${(await lstat(file)).mtimeMs} ${content}`;
  }
  return snapshot;
}
