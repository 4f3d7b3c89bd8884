import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Commands } from '../commands/commands.ts';
import { executionArns } from '../lib/arns.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Workers } from '../nodes/workers.ts';

export interface ReconciliationProps {
  readonly defaults: FunctionDefaults;
  readonly commands: Commands;
  readonly workers: Workers;
}

/** The function that finds commands and instances whose event was lost: SSM and Auto Scaling deliver events best effort. */
export class Reconciliation extends Construct {
  constructor(scope: Construct, id: string, { defaults, commands, workers }: ReconciliationProps) {
    super(scope, id);
    const joinNode = defaults.registry.machine('join-node');
    const drainNode = defaults.registry.machine('drain-node');
    const executions = [joinNode, drainNode].map(({ name }) => executionArns(this, name));
    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'reconcile',
      description: 'Finishes commands and starts joins and drains whose event was lost',
      timeoutSeconds: 55,
      environment: {
        ...commands.completionEnvironment,
        WORKER_GROUP_NAME: workers.groupName,
        JOIN_NODE_MACHINE_ARN: joinNode.resource.stateMachineArn,
        DRAIN_NODE_MACHINE_ARN: drainNode.resource.stateMachineArn,
        RECONCILE_AFTER_SECONDS: '60',
      },
      statements: [
        ...commands.completionStatements(),
        new PolicyStatement({ sid: 'OpenCommands', actions: ['dynamodb:Scan'], resources: [commands.table.tableArn] }),
        new PolicyStatement({
          sid: 'WaitingInstances',
          actions: [
            'autoscaling:DescribeAutoScalingGroups',
            'autoscaling:DescribeLifecycleHooks',
            'ec2:DescribeInstances',
          ],
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'Nodes',
          actions: ['states:ListExecutions', 'states:StartExecution'],
          resources: [joinNode, drainNode].map(({ resource }) => resource.stateMachineArn),
        }),
        new PolicyStatement({ sid: 'Inputs', actions: ['states:DescribeExecution'], resources: executions }),
      ],
    });
    acknowledgeWildcard(
      this,
      '*',
      'Neither ssm:GetCommandInvocation nor the Describe calls of Auto Scaling and EC2 have resource-level permissions.',
    );
    for (const arn of executions) acknowledgeWildcard(this, arn, 'The running executions are found by listing them.');
  }
}
