import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { VerbModule } from './verb.ts';

const folder = join(import.meta.dirname, 'verbs');

/** The names of cli/verbs' files: a new file is a new verb. */
export const verbNames: readonly string[] = readdirSync(folder).map((name) => name.replace(/\.ts$/, ''));

/** @returns the verb that the command line begins with, or all of them when it begins otherwise. */
export async function loadVerbs(first: string | undefined): Promise<readonly CommandUnknownOpts[]> {
  const wanted = verbNames.filter((name) => name === first);
  return Promise.all((wanted.length > 0 ? wanted : verbNames).map(loadVerb));
}

async function loadVerb(name: string): Promise<CommandUnknownOpts> {
  const module: VerbModule = await import(pathToFileURL(join(folder, `${name}.ts`)).href);
  return module.command();
}
