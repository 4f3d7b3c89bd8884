import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder, projectPath } from './project-path.ts';

const cacheFolder = projectPath('.cache', 'bundles');

/**
 * Bundler output by the content of its sources, in `.cache/bundles`: bundling takes seconds of CPU time, and its sources seldom
 * change between two starts. The packages among the sources count by the lock file.
 */
export class BundleCache {
  readonly #name: string;
  readonly #patterns: readonly string[];

  /** @param patterns globs of the sources, the bundler's settings included, relative to the root of the repository */
  constructor(name: string, patterns: readonly string[]) {
    this.#name = name;
    this.#patterns = patterns;
  }

  /** @returns the folder with the output for today's sources, which may not exist yet. */
  folder(): string {
    const hash = createHash('sha256');
    const exclude = (path: string) => /(?:^|\/)(?:node_modules|dist)(?:\/|$)/.test(path);
    for (const file of globSync(['package-lock.json', ...this.#patterns], { cwd: projectFolder, exclude }).sort()) {
      if (statSync(projectPath(file)).isDirectory()) continue;
      hash
        .update(`${file}\0`)
        .update(readFileSync(projectPath(file)))
        .update('\0');
    }
    return join(cacheFolder, `${this.#name}-${hash.digest('hex').slice(0, 16)}`);
  }

  /** @returns an empty folder for output; `store` moves it into the cache. */
  createFolder(): string {
    mkdirSync(cacheFolder, { recursive: true });
    return mkdtempSync(join(cacheFolder, `new-${this.#name}-`));
  }

  /** Moves complete output to its place. Another process may have been faster: its output is the same. Older output goes. */
  store(created: string, folder: string): void {
    try {
      renameSync(created, folder);
    } catch (error) {
      rmSync(created, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
    for (const old of globSync(`${this.#name}-????????????????`, { cwd: cacheFolder })) {
      if (join(cacheFolder, old) !== folder) rmSync(join(dirname(folder), old), { recursive: true, force: true });
    }
  }
}
