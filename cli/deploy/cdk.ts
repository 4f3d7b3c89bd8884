import { createRequire } from 'node:module';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { runNode } from '../run-program.ts';

/** Runs the CDK CLI in this terminal, on an assembly that is written already. @returns its exit code */
export function runCdk(verb: 'deploy' | 'diff', stackName: string, assemblyFolder: string, options: readonly string[]) {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  return runNode(cdk, [verb, stackName, '--app', assemblyFolder, '--no-notices', ...options], {
    cwd: projectFolder,
    // The CDK CLI calls deprecated functions itself: warnings that its user can do nothing about.
    nodeOptions: ['--no-deprecation'],
  });
}
