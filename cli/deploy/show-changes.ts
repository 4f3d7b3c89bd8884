import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Synthesis } from '#infra/app.ts';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { explainAwsError } from '../aws/explain-error.ts';
import { resourceSummary } from '../resource-summary.ts';

/**
 * Prints how a synthesized stack differs from the deployed one; what it consists of where no account can be asked.
 * @param diff runs `cdk diff` and returns its exit code
 */
export async function showChanges(
  { stackName, template }: Synthesis,
  account: Account,
  diff: () => Promise<number>,
): Promise<void> {
  try {
    const { Account, Arn } = await new STSClient(clientSettings(account)).send(new GetCallerIdentityCommand());
    console.log(`Stack ${stackName} in account ${Account}, ${account.region}, as ${Arn}\n`);
    const exitCode = await diff();
    if (exitCode === 0) return;
    throw new Error(`cdk diff ended with exit code ${exitCode}`);
  } catch (error) {
    const reason = explainAwsError(error as Error) ?? (error as Error).message;
    console.log(`Stack ${stackName} in ${account.region}: ${resourceSummary(template)}`);
    console.log(`\nNot compared with what is deployed. ${reason}`);
  }
}
