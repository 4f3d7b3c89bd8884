import { accountRequest, createAccountVerb } from '../account-verb.ts';
import { wholeNumber } from '../values.ts';

export function command() {
  return createAccountVerb('scale', {
    summary: 'set the number of workers (dry run without --yes)',
    description:
      "Sets the desired capacity of the workers' Auto Scaling group and shows how instances join, or are drained and leave. It is what a click in the console does; leaving with Ctrl-C does not stop it.",
  })
    .argument('<workers>', 'how many there shall be', wholeNumber(0, 50))
    .action(async (workers, options) => {
      const [{ interruptible }, { scale }, request] = await Promise.all([
        import('../signals.ts'),
        import('../scale/scale.ts'),
        accountRequest('scale', options),
      ]);
      await interruptible((signal) => scale({ ...request, workers }, signal));
    });
}
