import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';

export interface InstanceWarningsProps {
  readonly defaults: FunctionDefaults;
  readonly deadLetterQueue: IQueue;
}

/** Rules for what EC2 and AWS Health tell about instances, and the function that drains those of the cluster's workers. */
export class InstanceWarnings extends Construct {
  constructor(scope: Construct, id: string, { defaults, deadLetterQueue }: InstanceWarningsProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const { stateMachineArn } = defaults.registry.machine('drain-node').resource;
    const watchInstances = new TaskFunction(this, 'WatchInstances', {
      ...defaults,
      name: 'watch-instances',
      description: 'Drains workers that EC2 or AWS Health says will go',
      timeoutSeconds: 55,
      environment: { CLUSTER_NAME: clusterName, DRAIN_NODE_MACHINE_ARN: stateMachineArn },
      statements: [
        new PolicyStatement({
          sid: 'Whose',
          actions: ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingInstances'],
          resources: ['*'],
        }),
        new PolicyStatement({ sid: 'Drain', actions: ['states:StartExecution'], resources: [stateMachineArn] }),
      ],
    });
    acknowledgeWildcard(watchInstances, '*', 'Neither Describe call has resource-level permissions.');

    const { resource } = defaults.registry.function('watch-instances');
    // Events name instances, not tags: those of all instances of the account come, and the function asks whose they are.
    const target = (maxEventAge: Duration) =>
      new LambdaFunction(resource, { deadLetterQueue, retryAttempts: 10, maxEventAge });
    new Rule(this, 'Ec2', {
      ruleName: `${clusterName}-instance-warnings`,
      description: 'EC2 takes a spot instance back, or may do so',
      eventPattern: {
        source: ['aws.ec2'],
        detailType: ['EC2 Spot Instance Interruption Warning', 'EC2 Instance Rebalance Recommendation'],
      },
      targets: [target(Duration.minutes(2))], // then the instance is gone
    });
    new Rule(this, 'Stopping', {
      ruleName: `${clusterName}-instance-stopping`,
      description: 'An instance stops or ends',
      eventPattern: {
        source: ['aws.ec2'],
        detailType: ['EC2 Instance State-change Notification'],
        detail: { state: ['stopping', 'shutting-down'] },
      },
      targets: [target(Duration.minutes(2))],
    });
    new Rule(this, 'Health', {
      ruleName: `${clusterName}-scheduled-change`,
      description: 'AWS will reboot, stop or retire an instance',
      eventPattern: {
        source: ['aws.health'],
        detailType: ['AWS Health Event'],
        detail: { service: ['EC2'], eventTypeCategory: ['scheduledChange'] },
      },
      targets: [target(Duration.hours(24))], // such changes are announced days before
    });
  }
}
