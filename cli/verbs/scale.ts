import { typedArguments } from '../typed-arguments.ts';
import { wholeNumber } from '../values.ts';
import { createVerb, outputOption, profileOption, regionOption, stackOption, yesOption } from '../verb.ts';

export function command() {
  return createVerb('scale', {
    group: 'Cluster on AWS:',
    summary: 'set the number of workers (dry run without --yes)',
    description:
      "Sets the desired capacity of the workers' Auto Scaling group and shows how instances join, or are drained and leave. It is what a click in the console does; leaving with Ctrl-C does not stop it.",
  })
    .argument('<workers>', 'how many there shall be', wholeNumber(0, 50))
    .addOption(yesOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption())
    .action(async (workers, { yes, region, profile, stack, output }) => {
      const [{ loadConfig }, { interruptible }, { scale }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../scale/scale.ts'),
      ]);
      const config = await loadConfig();
      const request = {
        account: { region: region ?? config.region, profile },
        stackName: stack ?? config.clusterName,
        workers,
        dryRun: yes ? undefined : { startWith: ['./stepkube scale --yes', ...typedArguments()].join(' ') },
        json: output === 'json',
      };
      await interruptible((signal) => scale(request, signal));
    });
}
