import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import { runNode } from '../run-program.ts';
import { typedArguments } from '../typed-arguments.ts';
import { createVerb } from '../verb.ts';

export function command() {
  return createVerb('test', {
    group: 'Development:',
    summary: 'run the tests, or those whose file names contain a word',
    description: 'Runs the tests once with vitest. Its options are passed on: npx vitest run --help lists them.',
  })
    .argument('[words...]', 'only test files whose path contains one of these')
    .allowUnknownOption()
    .action(async () => {
      const vitest = projectPath('node_modules', 'vitest', 'vitest.mjs');
      process.exitCode = await runNode(vitest, ['run', ...typedArguments()], { cwd: projectFolder });
    });
}
