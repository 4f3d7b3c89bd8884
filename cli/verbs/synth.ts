import { relative } from 'node:path';
import type { Synthesis, Template } from '#infra/app.ts';
import { createVerb, folderOption, outputOption } from '../verb.ts';

export function command() {
  return createVerb('synth', {
    group: 'Cluster on AWS:',
    summary: 'write the CloudFormation template',
    description:
      'Checks cluster.config.ts and writes the CloudFormation template and its assets. Needs no AWS account, network or Docker.',
  })
    .addOption(folderOption())
    .option('--validate', "also check every property against CloudFormation's schemas (some seconds more)")
    .addOption(outputOption())
    .action(async ({ folder, validate = false, output }) => {
      const [{ loadConfig }, { synthesize }] = await Promise.all([
        import('../configuration.ts'),
        import('#infra/app.ts'),
      ]);
      const { resourceSummary } = await import('../resource-summary.ts');
      const synthesis = synthesize(await loadConfig(), folder, { validateTemplate: validate });
      if (output === 'json') return console.log(JSON.stringify(describe(synthesis), null, 2));
      const templateFile = relative(process.cwd(), synthesis.templateFile);
      console.log(`${resourceSummary(synthesis.template)}\n\nTemplate: ${templateFile}`);
    });
}

function describe({ stackName, assemblyFolder, templateFile, template }: Synthesis) {
  return { stackName, assemblyFolder, templateFile, resources: countsByType(template) };
}

/** Number of resources by CloudFormation type. */
function countsByType({ Resources }: Template): Record<string, number> {
  const byType = Map.groupBy(Object.values(Resources), ({ Type }) => Type);
  return Object.fromEntries([...byType].map(([type, { length }]) => [type, length] as const).sort());
}
