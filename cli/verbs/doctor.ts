import { exitCodes } from '../errors.ts';
import { createVerb, outputOption, profileOption } from '../verb.ts';

const notes = `
Each answer is "ok", "problem" with what to do, or "could not tell" with the permission that is missing. It only reads.
Exit code 1 when there is a problem.`;

export function command() {
  return createVerb('doctor', {
    group: 'Cluster on AWS:',
    summary: 'ask the account for what the first deployment needs',
    description:
      'Asks the AWS account for the prerequisites of the cluster in cluster.config.ts: quota, instance types, plan, keys, public access, the CDK, certificate and bot token.',
  })
    .addOption(profileOption())
    .option('--print-policy', 'print the IAM policy that allows what is asked, and ask nothing')
    .addOption(outputOption())
    .addHelpText('after', notes)
    .action(async ({ profile, printPolicy, output }) => {
      const { loadConfig } = await import('../configuration.ts');
      const config = await loadConfig();
      if (printPolicy) {
        const { doctorPolicy } = await import('../doctor/policy.ts');
        return console.log(JSON.stringify(doctorPolicy(config), null, 2));
      }
      const [{ interruptible }, { examineAccount }, { report }] = await Promise.all([
        import('../signals.ts'),
        import('../doctor/examine.ts'),
        import('../doctor/report.ts'),
      ]);
      const examination = await interruptible((signal) => examineAccount(config, profile, signal));
      console.log(output === 'json' ? JSON.stringify(examination, null, 2) : report(examination));
      if (examination.outcome === 'problem') process.exitCode = exitCodes.failed;
    });
}
