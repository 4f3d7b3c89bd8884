import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { FailedError } from '../errors.ts';

/** There is no stack to provision, or it is not deployed to its end. */
export class StackNotDeployedError extends FailedError {
  override readonly name = 'StackNotDeployedError';
}

const outputKey = 'ProvisionClusterMachineArn';

/** @returns the ARN of the stack's provision-cluster machine. @throws StackNotDeployedError */
export async function provisionMachineOf(
  stackName: string,
  account: Account,
  abortSignal: AbortSignal,
): Promise<string> {
  const client = new CloudFormationClient(clientSettings(account));
  const notDeployed = (what: string) =>
    new StackNotDeployedError(`stack ${stackName} in ${account.region} ${what}`, 'Deploy it first: ./stepkube deploy');
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal });
    const arn = Stacks?.[0]?.Outputs?.find((output) => output.OutputKey === outputKey)?.OutputValue;
    if (arn === undefined) throw notDeployed(`is ${Stacks?.[0]?.StackStatus} and has no output ${outputKey}`);
    return arn;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.includes('does not exist')) throw notDeployed('does not exist');
    throw error;
  }
}
