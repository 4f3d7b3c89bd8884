import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize, type Template } from '#infra/app.ts';
import { fail, loadConfig } from './configuration.ts';

const help = `Usage: npm run synth -- [options]

Checks cluster.config.ts and writes the CloudFormation template and its assets. Needs no AWS account, network or Docker.

  --output FOLDER     where to write (default: cdk.out)
  --validate          also check every property against CloudFormation's schemas (some seconds more)
  -h, --help          this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: 'string', default: 'cdk.out' },
      validate: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(help);
  const { template, templateFile } = synthesize(await loadConfig(), resolve(values.output), {
    validateTemplate: values.validate,
  });
  console.log(`${resourceCounts(template)}\n\nTemplate: ${relative(process.cwd(), templateFile)}`);
}

/** One line per service, the largest first: ` 33  AWS::IAM  (17 Role, 15 Policy, ...)`. */
function resourceCounts(template: Template): string {
  const types = Object.values(template.Resources).map(({ Type }) => Type.split('::') as [string, string, string]);
  const services = Map.groupBy(types, ([vendor, service]) => `${vendor}::${service}`);
  const lines = [...services]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([service, members]) => {
      const kinds = [...Map.groupBy(members, ([, , kind]) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
      return `${String(members.length).padStart(4)}  ${service.padEnd(22)} ${kinds.join(', ')}`;
    });
  return [`${types.length} resources`, ...lines].join('\n');
}

main().catch(fail);
