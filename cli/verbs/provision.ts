import { typedArguments } from '../typed-arguments.ts';
import { wholeNumber } from '../values.ts';
import { createVerb, outputOption, profileOption } from '../verb.ts';

export function command() {
  return createVerb('provision', {
    group: 'Cluster on AWS:',
    summary: 'build the cluster of a deployed stack (dry run without --yes)',
    description:
      'Shows what would be started; with --yes starts the provision-cluster state machine and shows its progress. Leaving with Ctrl-C does not stop the execution.',
  })
    .option('--yes', 'start it; without it nothing is started')
    .option('--workers <number>', 'number of workers instead of the configured one', wholeNumber(1))
    .option('--region <region>', 'AWS region (default: region of cluster.config.ts)')
    .addOption(profileOption())
    .option('--stack <name>', 'CloudFormation stack (default: clusterName of cluster.config.ts)')
    .addOption(outputOption())
    .action(async ({ yes, workers, region, profile, stack, output }) => {
      const [{ loadConfig }, { interruptible }, { provision }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../executions/provision.ts'),
      ]);
      const config = await loadConfig();
      const request = {
        account: { region: region ?? config.region, profile },
        stackName: stack ?? config.clusterName,
        input: JSON.stringify(workers === undefined ? {} : { workers }),
        dryRun: yes ? undefined : { startWith: ['./stepkube provision --yes', ...typedArguments()].join(' ') },
        json: output === 'json',
      };
      await interruptible((signal) => provision(request, signal));
    });
}
