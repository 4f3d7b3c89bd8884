import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { groupArn } from '../lib/arns.ts';
import { autoscaledTag } from '../lib/autoscaled-tag.ts';
import { acknowledge, acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Workers } from '../nodes/workers.ts';

export interface LaunchesProps {
  readonly defaults: FunctionDefaults;
  readonly workers: Workers;
  readonly alarmTopic: ITopic;
}

/** The function that ends each launch, and the record by which it recognizes a loop of launches that cannot succeed. */
export class Launches extends Construct {
  constructor(scope: Construct, id: string, { defaults, workers, alarmTopic }: LaunchesProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const table = new Table(this, 'Table', {
      tableName: `${clusterName}-launches`,
      partitionKey: { name: 'group', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(table, { DDB3: 'It counts failures of the last days; without it three more launches are tried.' });

    const group = groupArn(this, workers.groupName);
    const endLaunch = new TaskFunction(this, 'EndLaunch', {
      ...defaults,
      name: 'end-launch',
      description: 'Lets an instance enter service or gives it up, and stops a loop of failing launches',
      timeoutSeconds: 55,
      environment: {
        LAUNCHES_TABLE: table.tableName,
        ALARM_TOPIC_ARN: alarmTopic.topicArn,
        CLUSTER_NAME: clusterName,
        AUTOSCALER_TAG: autoscaledTag,
      },
      statements: [
        new PolicyStatement({
          sid: 'EndLaunch',
          actions: [
            'autoscaling:CompleteLifecycleAction',
            'autoscaling:SuspendProcesses',
            'autoscaling:UpdateAutoScalingGroup',
            'autoscaling:ResumeProcesses',
            ...(defaults.config.workers.autoscaling ? ['autoscaling:DeleteTags'] : []),
          ],
          resources: [group],
        }),
        new PolicyStatement({ sid: 'Read', actions: ['autoscaling:DescribeAutoScalingGroups'], resources: ['*'] }),
        new PolicyStatement({
          sid: 'Record',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
          resources: [table.tableArn],
        }),
        new PolicyStatement({ sid: 'Tell', actions: ['sns:Publish'], resources: [alarmTopic.topicArn] }),
      ],
    });
    acknowledgeWildcard(endLaunch, '*', 'autoscaling:DescribeAutoScalingGroups has no resource-level permissions.');
    acknowledgeWildcard(
      endLaunch,
      group,
      'The wildcard stands for the id in the ARN of a group; its name is given in full.',
    );
  }
}
