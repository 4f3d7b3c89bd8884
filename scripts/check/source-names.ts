import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';

/** @returns every TypeScript file that git tracks or would add, relative to the root: `cli/synth.ts`. */
export function readSourceNames(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '*.ts', '*.tsx'];
  const names = execFileSync('git', args, { cwd: projectFolder, encoding: 'utf8', timeout: 30_000 });
  return names.split('\0').filter((name) => name !== '' && existsSync(projectPath(name)));
}
