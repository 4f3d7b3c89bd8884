import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder, projectPath } from './project-path.ts';

const cacheFolder = projectPath('.cache', 'bundles');

/**
 * Bundler output by the content of its sources, in `.cache/bundles`: bundling takes seconds of CPU time, and its sources seldom
 * change between two starts. The packages among the sources count by the lock file.
 */
export class BundleCache {
  readonly #name: string;
  readonly #patterns: readonly string[];
  readonly #settings: string;
  readonly #kept: number;

  /**
   * @param patterns globs of the sources, the bundler's settings included, relative to the root of the repository
   * @param options what else the output depends on, and how many outputs are kept. @default nothing, 1
   */
  constructor(
    name: string,
    patterns: readonly string[],
    { settings = '', kept = 1 }: { readonly settings?: string; readonly kept?: number } = {},
  ) {
    this.#name = name;
    this.#patterns = patterns;
    this.#settings = settings;
    this.#kept = kept;
  }

  /** @returns the folder with the output for today's sources, which may not exist yet. */
  folder(): string {
    const hash = createHash('sha256').update(this.#settings);
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
    const older = globSync(`${this.#name}-????????????????`, { cwd: cacheFolder })
      .map((name) => join(cacheFolder, name))
      .filter((path) => path !== folder)
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    for (const old of older.slice(this.#kept - 1)) rmSync(old, { recursive: true, force: true });
  }
}
