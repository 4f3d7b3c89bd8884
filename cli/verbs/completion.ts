import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument } from '@commander-js/extra-typings';
import { createVerb } from '../verb.ts';

const scripts = { bash: 'stepkube.sh', zsh: 'stepkube.zsh' } as const;

const notes = `
In this shell:   source <(./stepkube completion bash)
In later ones:   ./stepkube completion bash >> ~/.bashrc`;

export function command() {
  return createVerb('completion', {
    group: 'Shell:',
    summary: "print the shell's completion of verbs, options and values",
    description: 'Prints a script by which bash or zsh completes verbs, options and their values.',
  })
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh'] as const))
    .addHelpText('after', notes)
    .action(async (shell) => {
      process.stdout.write(await readFile(join(import.meta.dirname, '..', 'completion', scripts[shell]), 'utf8'));
    });
}
