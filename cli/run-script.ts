import { projectPath } from '@stepkube/tools/project-path.ts';
import { runNode } from './run-program.ts';
import { typedArguments } from './typed-arguments.ts';

/**
 * The action of a verb whose program stands above cli, so that it cannot be imported: runs it as a process with the
 * arguments as they were typed. The program reads them by the same declaration, with runVerb().
 * @param file from the project's root
 */
export function runScript(file: string): () => Promise<void> {
  return async () => {
    process.exitCode = await runNode(projectPath(file), typedArguments());
  };
}
