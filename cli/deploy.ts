import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import { synthesize } from '#infra/app.ts';
import type { ClusterConfig } from '#infra/config.ts';
import { assertDeployable, fail, loadConfig } from './configuration.ts';

const help = `Usage: npm run deploy -- [options of 'cdk deploy']

Synthesizes the stack into cdk.out and deploys it with the CDK CLI. Options are passed on as they are, for example:

  --profile NAME                  profile of the AWS configuration files
  --require-approval never        do not ask before IAM and network changes
  -h, --help                      this text

The account must be bootstrapped once (npx cdk bootstrap), and Docker is needed to build the four images.`;

async function main(): Promise<void> {
  const passedOn = process.argv.slice(2);
  if (passedOn.includes('--help') || passedOn.includes('-h')) return console.log(help);

  const config = await loadConfig();
  assertDeployable(config);
  const assemblyFolder = projectPath('cdk.out');
  const { stackName } = synthesize(config, assemblyFolder);
  const exitCode = await runCdk(['deploy', stackName, '--app', assemblyFolder, ...passedOn]);
  if (exitCode === 0) return console.log(nextSteps(config, passedOn));
  console.error(`\ncdk deploy ended with exit code ${exitCode}; its last lines above say why.`);
  process.exitCode = exitCode;
}

/** @returns the exit code; Ctrl-C reaches the CDK CLI by the terminal, which ends it in its own way. */
async function runCdk(args: readonly string[]): Promise<number> {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  process.on('SIGINT', () => {});
  // The CLI's own deprecated calls are none of the user's business.
  const child = spawn(process.execPath, ['--no-deprecation', cdk, ...args], { cwd: projectFolder, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

function nextSteps({ clusterName }: ClusterConfig, passedOn: readonly string[]): string {
  const profile = passedOn.indexOf('--profile');
  const options = profile === -1 ? '' : ` -- --profile ${passedOn[profile + 1]}`;
  return `\nNext: put the bot's token into the secret ${clusterName}/telegram, then build the cluster: npm run provision${options}`;
}

main().catch(fail);
