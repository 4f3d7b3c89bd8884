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
  const { status, outputs } = await readStack(stackName, account, abortSignal);
  const value = outputs.get(key);
  if (value === undefined) throw notDeployed(stackName, account, `is ${status} and has no output ${key}`);
  return value;
}

export interface DeployedStack {
  /** e.g. UPDATE_COMPLETE */
  readonly status: string;
  readonly outputs: ReadonlyMap<string, string>;
}

/** @throws StackNotDeployedError */
export async function readStack(stackName: string, account: Account, abortSignal: AbortSignal): Promise<DeployedStack> {
  const client = new CloudFormationClient(clientSettings(account));
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal });
    const { StackStatus = '', Outputs = [] } = Stacks?.[0] ?? {};
    const outputs = Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const);
    return { status: StackStatus, outputs: new Map(outputs) };
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.includes('does not exist'))
      throw notDeployed(stackName, account, 'does not exist');
    throw error;
  }
}

const notDeployed = (stackName: string, { region }: Account, what: string) =>
  new StackNotDeployedError(`stack ${stackName} in ${region} ${what}`, 'Deploy it first: ./stepkube deploy');
