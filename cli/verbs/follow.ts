import { createVerb, outputOption, profileOption } from '../verb.ts';

export function command() {
  return createVerb('follow', {
    group: 'Cluster on AWS:',
    summary: 'show an execution until it ends',
    description:
      "Shows an execution of any of the cluster's state machines until it ends, then how long each state took. A failure is traced into the nested execution that caused it. Leaving with Ctrl-C does not stop the execution.",
  })
    .argument('<execution>', 'name or ARN')
    .option('--region <region>', "AWS region (default: the ARN's, or region of cluster.config.ts)")
    .addOption(profileOption())
    .addOption(outputOption())
    .action(async (execution, { region, profile, output }) => {
      const [{ loadConfig }, { interruptible }, { follow }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../executions/follow.ts'),
      ]);
      const config = await loadConfig();
      const [, arnRegion] = /^arn:[a-z-]+:states:([a-z0-9-]+):/.exec(execution) ?? [];
      const request = {
        account: { region: region ?? arnRegion ?? config.region, profile },
        clusterName: config.clusterName,
        nameOrArn: execution,
        json: output === 'json',
      };
      await interruptible((signal) => follow(request, signal));
    });
}
