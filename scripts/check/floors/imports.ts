import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One import of the project's own code: both ends are paths from the project's root folder. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Static and dynamic imports and re-exports; Biome keeps each specifier on one line and in single quotes. */
const specifierPattern = /\b(?:from|import)\s*\(?\s*'([^']+)'/g;

/** What the workspaces and the `imports` of package.json stand for. */
const aliases: readonly (readonly [prefix: string, folder: string])[] = [
  ['@stepkube/shared/', 'workloads/shared/'],
  ['@stepkube/tools/', 'tools/'],
  ['#support/', 'test/support/'],
  ['#', ''],
];

/** @param source the file's text. @returns its imports, without packages. */
export function importsOf(from: string, source: string): Import[] {
  return [...source.matchAll(specifierPattern)].flatMap(([, specifier]) => {
    const to = resolve(from, specifier!);
    return to === undefined ? [] : [{ from, to }];
  });
}

/** The imports of many files. @param folder the project's root folder. */
export function readImports(folder: string, files: readonly string[]): Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(folder, file), 'utf8')));
}

/** How many folders up an import goes: '../../x.ts' goes up two. */
export function climbsOf(source: string): { readonly specifier: string; readonly levels: number }[] {
  return [...source.matchAll(specifierPattern)].map(([, specifier]) => ({
    specifier: specifier!,
    levels: specifier!.split('/').filter((part) => part === '..').length,
  }));
}

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const alias = aliases.find(([prefix]) => specifier.startsWith(prefix));
  return alias && `${alias[1]}${specifier.slice(alias[0].length)}`;
}
