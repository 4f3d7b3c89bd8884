import { join } from 'node:path';

/** Root folder of the repository. */
export const projectFolder = join(import.meta.dirname, '..');

export function projectPath(...parts: string[]): string {
  return join(projectFolder, ...parts);
}
