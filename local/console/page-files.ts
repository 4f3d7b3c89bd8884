/** The files of the page, as the browser gets them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const pageFolder = join(import.meta.dirname, 'page');

export function readPageFile(name: 'index.html' | 'style.css'): Promise<string> {
  return readFile(join(pageFolder, name), 'utf8');
}

/** The page's program as one script. */
export async function bundlePage(): Promise<string> {
  const result = await build({
    entryPoints: [join(pageFolder, 'app.tsx')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  return result.outputFiles[0]!.text;
}
