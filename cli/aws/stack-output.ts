import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { FailedError } from '../errors.ts';
import { type Account, clientSettings } from './client-settings.ts';

/** There is no stack, or it is not deployed to its end. */
export class StackNotDeployedError extends FailedError {
  override readonly name = 'StackNotDeployedError';
}

/** @returns the value of an output of the stack. @throws StackNotDeployedError */
export async function stackOutput(
  stackName: string,
  key: string,
  account: Account,
  abortSignal: AbortSignal,
): Promise<string> {
  const client = new CloudFormationClient(clientSettings(account));
  const notDeployed = (what: string) =>
    new StackNotDeployedError(`stack ${stackName} in ${account.region} ${what}`, 'Deploy it first: ./stepkube deploy');
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal });
    const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (value === undefined) throw notDeployed(`is ${Stacks?.[0]?.StackStatus} and has no output ${key}`);
    return value;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.includes('does not exist')) throw notDeployed('does not exist');
    throw error;
  }
}
