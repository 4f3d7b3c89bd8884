import { resolve } from 'node:path';
import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { debugVariable } from './fail.ts';

/** Headings of `./stepkube --help`, in their order there; a verb without one is hidden. */
export const verbGroups = ['Local twin:', 'Cluster on AWS:', 'Development:', 'Shell:'] as const;

/** What each file of cli/verbs exports: its name is the verb. */
export interface VerbModule {
  /** Returns a new command each time, because a command keeps the values it parsed. */
  command(): CommandUnknownOpts;
}

/**
 * A verb with the options that all have.
 *
 * @param about `summary` is its line in the list of verbs, `description` the text of its own `--help`.
 * Its file must load quickly, since `--help` and the shell's completion load
 * every verb: what takes time to load (CDK, the AWS SDK, the twin) is imported inside the action.
 */
export function createVerb(
  name: string,
  about: { readonly group?: (typeof verbGroups)[number]; readonly summary: string; readonly description: string },
) {
  return new Command(name)
    .summary(about.summary)
    .description(about.description)
    .helpGroup(about.group ?? '')
    .helpOption('-h, --help', 'show this text')
    .addOption(new Option('--debug', 'show the stack of an error').hideHelp())
    .hook('preAction', (command) => {
      if (command.opts().debug) process.env[debugVariable] = '1';
    });
}

/** For verbs whose result a program may read: then stdout has one JSON value, and everything else goes to stderr. */
export function outputOption() {
  return new Option('--output <format>', 'how to print the result').choices(['text', 'json'] as const).default('text');
}

/** Where the cloud assembly is written: cdk.out of the project unless another folder is named. */
export function folderOption() {
  return new Option('--folder <folder>', 'where to write the template and its assets')
    .default(projectPath('cdk.out'), 'cdk.out of the project')
    .argParser((folder) => resolve(folder));
}

export function profileOption() {
  return new Option('--profile <name>', 'profile of the AWS configuration files');
}

/** For verbs that change an account: without it they only say what they would do. */
export function yesOption() {
  return new Option('--yes', 'do it; without it nothing is changed');
}

export function regionOption() {
  return new Option('--region <region>', 'AWS region (default: region of cluster.config.ts)');
}

export function stackOption() {
  return new Option('--stack <name>', 'CloudFormation stack (default: clusterName of cluster.config.ts)');
}
