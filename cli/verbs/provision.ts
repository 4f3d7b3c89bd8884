import { typedArguments } from '../typed-arguments.ts';
import { wholeNumber } from '../values.ts';
import { createVerb, outputOption, profileOption, regionOption, stackOption, yesOption } from '../verb.ts';

export function command() {
  return createVerb('provision', {
    group: 'Cluster on AWS:',
    summary: 'build the cluster of a deployed stack (dry run without --yes)',
    description:
      'Shows what would be started; with --yes starts the provision-cluster state machine and shows its progress. Leaving with Ctrl-C does not stop the execution.',
  })
    .addOption(yesOption())
    .option('--workers <number>', 'number of workers instead of the configured one', wholeNumber(1))
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption())
    .action(async ({ yes, workers, region, profile, stack, output }) => {
      const [{ loadConfig }, { interruptible }, { runMachine }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
      ]);
      const config = await loadConfig();
      const request = {
        account: { region: region ?? config.region, profile },
        stackName: stack ?? config.clusterName,
        machine: 'provision-cluster',
        input: workers === undefined ? {} : { workers },
        dryRun: yes ? undefined : { startWith: ['./stepkube provision --yes', ...typedArguments()].join(' ') },
        json: output === 'json',
        done: 'The cluster is ready.',
      } as const;
      await interruptible((signal) => runMachine(request, signal));
    });
}
