import { Option } from '@commander-js/extra-typings';
import { UsageError } from '../errors.ts';
import { typedArguments } from '../typed-arguments.ts';
import { instanceId } from '../values.ts';
import { createVerb, outputOption, profileOption, regionOption, stackOption, yesOption } from '../verb.ts';

export function command() {
  return createVerb('drain', {
    group: 'Cluster on AWS:',
    summary: 'move the pods of a node elsewhere (dry run without --yes)',
    description:
      'Starts the drain-node state machine for an instance: cordons its node and evicts the pods within their disruption budgets. The instance stays, unless --terminate has its group end it and launch another one. --mode cordon only keeps new pods away, --mode restore takes the node back into service.',
  })
    .argument('<instance>', 'EC2 instance id of the node', instanceId)
    .addOption(yesOption())
    .addOption(
      new Option('--mode <mode>', 'what to do with the node')
        .choices(['drain', 'cordon', 'restore'] as const)
        .default('drain' as const),
    )
    .option('--terminate', 'afterwards the group replaces the instance')
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption())
    .action(async (instance, { yes, mode, terminate, region, profile, stack, output }) => {
      if (terminate && mode !== 'drain') throw new UsageError(`--terminate: goes with --mode drain, not ${mode}`);
      const [{ loadConfig }, { interruptible }, { runMachine }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
      ]);
      const config = await loadConfig();
      const request = {
        account: { region: region ?? config.region, profile },
        stackName: stack ?? config.clusterName,
        machine: 'drain-node',
        input: { instanceId: instance, mode, ...(terminate && { terminate }) },
        dryRun: yes ? undefined : { startWith: ['./stepkube drain --yes', ...typedArguments()].join(' ') },
        json: output === 'json',
        done: { drain: 'The node is drained.', cordon: 'The node takes no new pods.', restore: 'The node is back.' }[
          mode
        ],
      } as const;
      await interruptible((signal) => runMachine(request, signal));
    });
}
