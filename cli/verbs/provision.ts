import { accountRequest, createAccountVerb } from '../account-verb.ts';
import { wholeNumber } from '../values.ts';

export function command() {
  return createAccountVerb('provision', {
    summary: 'build the cluster of a deployed stack (dry run without --yes)',
    description:
      'Shows what would be started; with --yes starts the provision-cluster state machine and shows its progress. Leaving with Ctrl-C does not stop the execution.',
  })
    .option('--workers <number>', 'number of workers instead of the configured one', wholeNumber(1))
    .action(async ({ workers, ...options }) => {
      const [{ interruptible }, { runMachine }, request] = await Promise.all([
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
        accountRequest('provision', options),
      ]);
      const input = workers === undefined ? {} : { workers };
      const machine = { machine: 'provision-cluster', input, done: 'The cluster is ready.' } as const;
      await interruptible((signal) => runMachine({ ...request, ...machine }, signal));
    });
}
