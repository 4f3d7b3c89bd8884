import { Duration } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CommandDocuments } from '../commands/command-documents.ts';
import type { ClusterConfig } from '../config.ts';
import type { AslStateMachine } from '../lib/asl-state-machine.ts';
import { acknowledge } from '../lib/nag.ts';
import type { TaskFunction } from '../lib/task-function.ts';
import type { Workers } from '../nodes/workers.ts';

export interface EventsProps {
  readonly config: ClusterConfig;
  readonly documents: CommandDocuments;
  readonly workers: Workers;
  readonly finishCommand: TaskFunction;
  readonly joinNode: AslStateMachine;
  readonly reconcile: TaskFunction;
}

/** What starts by itself: the end of a command, the launch of a worker, and a look every minute for lost events. */
export class Events extends Construct {
  constructor(scope: Construct, id: string, props: EventsProps) {
    super(scope, id);
    const { config, documents, workers } = props;
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      queueName: `${config.clusterName}-events-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });

    acknowledge(deadLetterQueue, {
      SQS3: 'It is the dead-letter queue of the rules below, which the rule does not see.',
    });

    new Rule(this, 'CommandEnded', {
      ruleName: `${config.clusterName}-command-status`,
      description: "A command with one of the cluster's documents changed its status",
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['EC2 Command Invocation Status-change Notification'],
        detail: { 'document-name': [...documents.names] },
      },
      targets: [
        new LambdaFunction(props.finishCommand.function, {
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: Duration.hours(1), // as long as the longest command
        }),
      ],
    });

    new Rule(this, 'WorkerLaunching', {
      ruleName: `${config.clusterName}-worker-launching`,
      description: 'An instance of the worker group waits in its launch hook',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance-launch Lifecycle Action'],
        detail: { AutoScalingGroupName: [workers.groupName], LifecycleHookName: [workers.launchHookName] },
      },
      targets: [
        new SfnStateMachine(props.joinNode.stateMachine, {
          input: RuleTargetInput.fromObject({
            instanceId: EventField.fromPath('$.detail.EC2InstanceId'),
            autoScalingGroupName: EventField.fromPath('$.detail.AutoScalingGroupName'),
            lifecycleHookName: EventField.fromPath('$.detail.LifecycleHookName'),
          }),
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: workers.launchHookTimeout, // later than that the group has given the instance up
        }),
      ],
    });

    new Rule(this, 'EveryMinute', {
      ruleName: `${config.clusterName}-reconcile`,
      description: 'Looks for lost events',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(props.reconcile.function, {
          deadLetterQueue,
          retryAttempts: 0, // the next minute is the retry
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
  }
}
