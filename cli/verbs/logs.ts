import { readdirSync } from 'node:fs';
import { Argument } from '@commander-js/extra-typings';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { accountRequest, createLookingVerb } from '../account-verb.ts';
import { UsageError } from '../errors.ts';
import { duration } from '../values.ts';

const functions = readdirSync(projectPath('lambdas'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
  .map(({ name }) => name);

export function command() {
  return createLookingVerb('logs', {
    summary: 'show what a function or the documents on the instances wrote',
    description:
      'Shows the log of the Systems Manager documents (commands: what ran on the instances), or of one function by its name, from CloudWatch Logs: the newest last.',
  })
    .addArgument(new Argument('[source]', 'whose log').choices(['commands', ...functions]).default('commands'))
    .option('--since <duration>', 'how far back, such as 30s, 15m, 2h or 1d', duration, 15 * 60)
    .option('--follow', 'go on until Ctrl-C')
    .action(async (source, { since, follow, ...options }) => {
      if (follow && options.output === 'json') throw new UsageError('--output json: goes without --follow');
      const [{ interruptible }, { showLogs }, request] = await Promise.all([
        import('../signals.ts'),
        import('../logs/show-logs.ts'),
        accountRequest('logs', options),
      ]);
      await interruptible((signal) =>
        showLogs({ ...request, source, sinceSeconds: since, follow: follow === true }, signal),
      );
    });
}
