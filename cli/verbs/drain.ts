import { Option } from '@commander-js/extra-typings';
import { accountRequest, createAccountVerb } from '../account-verb.ts';
import { UsageError } from '../errors.ts';
import { instanceId } from '../values.ts';

const done = {
  drain: 'The node is drained.',
  cordon: 'The node takes no new pods.',
  restore: 'The node is back.',
} as const;

export function command() {
  return createAccountVerb('drain', {
    summary: 'move the pods of a node elsewhere (dry run without --yes)',
    description:
      'Starts the drain-node state machine for an instance: cordons its node and evicts the pods within their disruption budgets. The instance stays, unless --terminate has its group end it and launch another one. --mode cordon only keeps new pods away, --mode restore takes the node back into service.',
  })
    .argument('<instance>', 'EC2 instance id of the node', instanceId)
    .addOption(
      new Option('--mode <mode>', 'what to do with the node')
        .choices(['drain', 'cordon', 'restore'] as const)
        .default('drain' as const),
    )
    .option('--terminate', 'afterwards the group replaces the instance')
    .action(async (instance, { mode, terminate, ...options }) => {
      if (terminate && mode !== 'drain') throw new UsageError(`--terminate: goes with --mode drain, not ${mode}`);
      const [{ interruptible }, { runMachine }, request] = await Promise.all([
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
        accountRequest('drain', options),
      ]);
      const input = { instanceId: instance, mode, ...(terminate && { terminate }) };
      const machine = { machine: 'drain-node', input, done: done[mode] } as const;
      await interruptible((signal) => runMachine({ ...request, ...machine }, signal));
    });
}
