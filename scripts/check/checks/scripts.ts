import { globSync, readFileSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import { assembleScript, documentNames } from '#ssm-documents/assemble.ts';
import type { Check, CheckOutcome } from '../check-outcome.ts';
import { runCommand } from '../run-command.ts';

/** Scripts that no other script is put in front of. */
const standalonePatterns = ['.ci/run', 'stepkube', '{cli,local,test,workloads}/**/*.sh'];

/** Every script as it runs: those of the documents with common.sh and the pinned versions in front. */
export const shellcheck: Check = {
  name: 'shellcheck',
  run: async () => {
    const scripts = readScripts();
    try {
      const results = await Promise.all(
        scripts.map(async ({ name, text }) => ({
          name,
          ...(await runCommand('shellcheck', ['--color=never', '-'], { stdin: text })),
        })),
      );
      return outcomeOf(results);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { status: 'skipped', detail: 'not installed, not checked' };
    }
  },
};

/** Finds what shellcheck would, as far as bash itself does: there is always a bash. */
export const bashSyntax: Check = {
  name: 'bash -n',
  run: async () => {
    const results = await Promise.all(
      readScripts().map(async ({ name, text }) => ({ name, ...(await runCommand('bash', ['-n'], { stdin: text })) })),
    );
    return outcomeOf(results);
  },
};

interface Script {
  readonly name: string;
  readonly text: string;
}

function readScripts(): Script[] {
  const documents = documentNames.map((name) => ({ name: `ssm-documents/${name}`, text: assembleScript(name) }));
  const exclude = (name: string) => name.includes('node_modules');
  const standalone = globSync(standalonePatterns, { cwd: projectFolder, exclude })
    .sort()
    .map((name) => ({ name, text: readFileSync(projectPath(name), 'utf8') }));
  return [...documents, ...standalone];
}

function outcomeOf(results: readonly { name: string; exitCode: number | null; output: string }[]): CheckOutcome {
  const failed = results.filter(({ exitCode }) => exitCode !== 0);
  return {
    status: failed.length === 0 ? 'passed' : 'failed',
    detail: `${results.length} scripts`,
    output: failed.map(({ name, output }) => `${name}:\n${output}`).join('\n'),
  };
}
