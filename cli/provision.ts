import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { followExecution } from '@stepkube/tools/executions/follow.ts';
import { outlineOf } from '@stepkube/tools/executions/outline.ts';
import config from '../cluster.config.ts';
import { displayExecution, ExecutionFailedError } from './execution-display.ts';

const help = `Usage: npm run provision -- [options]

Starts the provision-cluster state machine of a deployed stepkube stack and shows its progress.
Leaving with Ctrl-C does not stop the execution.

  --region REGION     AWS region (default: cluster.config.ts, ${config.region})
  --profile NAME      profile of the AWS configuration files
  --stack NAME        CloudFormation stack (default: cluster.config.ts, ${config.clusterName})
  --execution ARN     follow this execution instead of starting a new one
  -h, --help          this text`;

class StackOutputMissingError extends Error {
  override readonly name = 'StackOutputMissingError';
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      region: { type: 'string', default: config.region },
      profile: { type: 'string' },
      stack: { type: 'string', default: config.clusterName },
      execution: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(help);
  if (values.profile !== undefined) process.env['AWS_PROFILE'] = values.profile;

  const states = new SFNClient({ region: values.region });
  const stateMachineArn = await machineArn(values.region, values.stack);
  const { definition } = await states.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const executionArn =
    values.execution ?? (await states.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }))).executionArn!;
  console.log(`Execution ${executionArn}`);
  console.log(
    `Console   https://${values.region}.console.aws.amazon.com/states/home?region=${values.region}#/v2/executions/details/${executionArn}\n`,
  );
  const output = await displayExecution(outlineOf(JSON.parse(definition!)), (onProgress) =>
    followExecution(states, executionArn, onProgress, { pollMilliseconds: 2_000 }),
  );
  console.log(`\nThe cluster is ready.\n${JSON.stringify(output, null, 2)}`);
}

async function machineArn(region: string, stack: string): Promise<string> {
  const { Stacks } = await new CloudFormationClient({ region }).send(new DescribeStacksCommand({ StackName: stack }));
  const arn = Stacks?.[0]?.Outputs?.find((output) => output.OutputKey === 'ProvisionClusterMachineArn')?.OutputValue;
  if (arn === undefined) {
    throw new StackOutputMissingError(
      `stack ${stack} in ${region} has no output ProvisionClusterMachineArn; deploy it first: npm run deploy`,
    );
  }
  return arn;
}

main().catch((error: Error) => {
  const next =
    error instanceof ExecutionFailedError
      ? '\nFix the cause and run the same command again: finished steps are kept.'
      : '';
  console.error(`\n${error.name}: ${error.message}${next}`);
  process.exitCode = 1;
});
