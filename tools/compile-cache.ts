import { globSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectPath } from './project-path.ts';

const sharedFolder = projectPath('.cache', 'node');
/** Each change of a bundle adds an entry: those of bundles that are gone go, too. */
const maxAgeMilliseconds = 7 * 86_400_000;
let isTidy = false;

/**
 * The environment of a Node.js process that runs a bundle from a temporary folder: it finds the code that an earlier process compiled
 * from the same bundle, which halves its start. The entries are named by the bundle's path relative to the cache, so a link beside
 * the bundle leads to the cache. https://nodejs.org/api/module.html#portability-of-the-compile-cache
 *
 * @param folder where the link is created, at the same distance from the bundle each time
 */
export function compileCacheEnvironment(folder: string): Readonly<Record<string, string>> {
  const link = join(folder, '.compile-cache');
  mkdirSync(sharedFolder, { recursive: true });
  if (!isTidy) removeOldEntries();
  isTidy = true;
  try {
    symlinkSync(sharedFolder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return { NODE_COMPILE_CACHE: link, NODE_COMPILE_CACHE_PORTABLE: '1' };
}

function removeOldEntries(): void {
  for (const entry of globSync('*/*', { cwd: sharedFolder })) {
    const path = join(sharedFolder, entry);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    if (Date.now() - mtimeMs > maxAgeMilliseconds) rmSync(path, { force: true });
  }
}
