import { FailedError, UsageError } from '../errors.ts';
import { typedArguments } from '../typed-arguments.ts';
import { createVerb, folderOption, profileOption } from '../verb.ts';

const notes = `
Everything after -- goes to cdk deploy, for example: ./stepkube deploy --yes -- --no-rollback
The account must be ready: ./stepkube doctor says what it lacks. Docker builds the services' images; the dry run needs none.`;

export function command() {
  return createVerb('deploy', {
    group: 'Cluster on AWS:',
    summary: 'create or update the CloudFormation stack (dry run without --yes)',
    description: 'Shows what would change in the account, compared with what is deployed there; with --yes deploys it.',
  })
    .option('--yes', 'deploy; without it nothing is changed')
    .addOption(profileOption())
    .addOption(folderOption())
    .argument('[cdk-options...]', 'options of cdk deploy, after --')
    .addHelpText('after', notes)
    .action(async (cdkOptions, { yes, profile, folder }) => {
      if (cdkOptions[0]?.startsWith('-') === false) {
        throw new UsageError(`${cdkOptions[0]}: only options of cdk deploy are allowed here, after --`);
      }
      const [{ assertDeployable, loadConfig }, { synthesize }, { runCdk }] = await Promise.all([
        import('../configuration.ts'),
        import('#infra/app.ts'),
        import('../deploy/cdk.ts'),
      ]);
      const config = await loadConfig();
      assertDeployable(config);
      const synthesis = synthesize(config, folder);
      const { stackName, assemblyFolder } = synthesis;
      const profileOptions = profile === undefined ? [] : ['--profile', profile];

      if (!yes) {
        const { showChanges } = await import('../deploy/show-changes.ts');
        const diff = () => runCdk('diff', stackName, assemblyFolder, ['--method', 'template', ...profileOptions]);
        await showChanges(synthesis, { region: config.region, profile }, diff);
        const deployWith = ['./stepkube deploy --yes', ...typedArguments()].join(' ');
        return console.log(`\nNothing was changed. To deploy it: ${deployWith}`);
      }
      // --yes is the approval.
      const options = ['--require-approval', 'never', ...profileOptions, ...cdkOptions];
      const exitCode = await runCdk('deploy', stackName, assemblyFolder, options);
      if (exitCode > 128) {
        process.exitCode = exitCode; // a signal ended it
        return;
      }
      if (exitCode !== 0) {
        throw new FailedError(
          `cdk deploy ended with exit code ${exitCode}`,
          'Its last lines above say why. Mend that and run the same command again.',
        );
      }
      console.log(
        `\nNext: put the bot's token into the secret ${config.clusterName}/telegram, then build the cluster:`,
      );
      console.log(`  ${['./stepkube provision --yes', ...profileOptions].join(' ')}`);
    });
}
