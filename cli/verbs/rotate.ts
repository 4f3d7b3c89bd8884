import { Argument } from '@commander-js/extra-typings';
import { accountRequest, createAccountVerb } from '../account-verb.ts';

export function command() {
  return createAccountVerb('rotate', {
    summary: 'renew credentials before their schedule does (dry run without --yes)',
    description:
      'Starts the rotate-credentials state machine: joinToken, with which workers join, kubeconfig, with which functions reach the API server, or pullSecret, the password of the image registry in every namespace. A joinToken or kubeconfig that is still fresh stays as it is.',
  })
    .addArgument(
      new Argument('[kind]', 'what to renew')
        .choices(['joinToken', 'kubeconfig', 'pullSecret'] as const)
        .default('joinToken' as const),
    )
    .action(async (kind, options) => {
      const [{ interruptible }, { runMachine }, request] = await Promise.all([
        import('../signals.ts'),
        import('../executions/run-machine.ts'),
        accountRequest('rotate', options),
      ]);
      const machine = { machine: 'rotate-credentials', input: { kind }, done: 'The credentials are fresh.' } as const;
      await interruptible((signal) => runMachine({ ...request, ...machine }, signal));
    });
}
