import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { executionArns } from '../lib/arns.ts';
import { machineNames, readMachineFile } from '../lib/machine-files.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { placeholdersIn } from '../lib/placeholders.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';

export interface FailureDescriptionProps {
  readonly defaults: FunctionDefaults;
}

/** The function that explains why an execution fails: it reads the histories of the machines that call it. */
export class FailureDescription extends Construct {
  constructor(scope: Construct, id: string, { defaults }: FailureDescriptionProps) {
    super(scope, id);
    const executions = machineNames
      .filter((name) => placeholdersIn(readMachineFile(name)).has('DescribeFailure'))
      .map((name) => executionArns(this, `${defaults.config.clusterName}-${name}`));
    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'describe-failure',
      description: 'Says in one sentence why an execution fails and what a person does next',
      timeoutSeconds: 50,
      statements: [
        new PolicyStatement({ sid: 'Histories', actions: ['states:GetExecutionHistory'], resources: executions }),
      ],
    });
    for (const arn of executions) {
      acknowledgeWildcard(this, arn, 'Executions have no names before they are started; the machine is given in full.');
    }
  }
}
