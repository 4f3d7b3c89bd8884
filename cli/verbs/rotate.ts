import { Argument } from '@commander-js/extra-typings';
import { typedArguments } from '../typed-arguments.ts';
import { createVerb, outputOption, profileOption, regionOption, stackOption, yesOption } from '../verb.ts';

export function command() {
  return createVerb('rotate', {
    group: 'Cluster on AWS:',
    summary: 'renew credentials before their schedule does (dry run without --yes)',
    description:
      'Starts the rotate-credentials state machine: joinToken, with which workers join, or kubeconfig, with which functions reach the API server. What is still fresh stays as it is.',
  })
    .addArgument(
      new Argument('[kind]', 'what to renew')
        .choices(['joinToken', 'kubeconfig'] as const)
        .default('joinToken' as const),
    )
    .addOption(yesOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption())
    .action(async (kind, { yes, region, profile, stack, output }) => {
      const [{ loadConfig }, { interruptible }, { runMachine }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
      ]);
      const config = await loadConfig();
      const request = {
        account: { region: region ?? config.region, profile },
        stackName: stack ?? config.clusterName,
        machine: 'rotate-credentials',
        input: { kind },
        dryRun: yes ? undefined : { startWith: ['./stepkube rotate --yes', ...typedArguments()].join(' ') },
        json: output === 'json',
        done: 'The credentials are fresh.',
      } as const;
      await interruptible((signal) => runMachine(request, signal));
    });
}
