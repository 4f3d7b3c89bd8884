import { Duration } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CommandDocuments } from '../commands/command-documents.ts';
import type { ClusterConfig } from '../config.ts';
import { acknowledge } from '../lib/nag.ts';
import { pascalCase } from '../lib/placeholders.ts';
import type { Registry } from '../lib/registry.ts';
import type { Workers } from '../nodes/workers.ts';

export interface EventsProps {
  readonly config: ClusterConfig;
  readonly registry: Registry;
  readonly documents: CommandDocuments;
  readonly workers: Workers;
}

/**
 * The rules that start functions and machines: at the end of a command, at the launch and the end of a worker, by the schedules of
 * rotation, and every minute.
 */
export class Events extends Construct {
  /** Takes what could not be delivered. */
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, { config, registry, documents, workers }: EventsProps) {
    super(scope, id);
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      queueName: `${config.clusterName}-events-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });

    this.deadLetterQueue = deadLetterQueue;
    acknowledge(deadLetterQueue, {
      SQS3: 'It is itself the dead-letter queue of the rules below.',
    });

    new Rule(this, 'CommandEnded', {
      ruleName: `${config.clusterName}-command-status`,
      description: "A command with one of the cluster's documents changed its status",
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['EC2 Command Invocation Status-change Notification'],
        detail: { 'document-name': [...documents.physicalNames] },
      },
      targets: [
        new LambdaFunction(registry.function('finish-command').resource, {
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: Duration.hours(1), // longer than run-command waits for a command
        }),
      ],
    });

    const hookOfInstance = RuleTargetInput.fromObject({
      instanceId: EventField.fromPath('$.detail.EC2InstanceId'),
      autoScalingGroupName: EventField.fromPath('$.detail.AutoScalingGroupName'),
      lifecycleHookName: EventField.fromPath('$.detail.LifecycleHookName'),
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
        new SfnStateMachine(registry.machine('join-node').resource, {
          input: hookOfInstance,
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: workers.launchHookTimeout, // after that the group has replaced the instance
        }),
      ],
    });

    new Rule(this, 'LaunchRefused', {
      ruleName: `${config.clusterName}-launch-refused`,
      description: 'EC2 refused to launch an instance of the worker group',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance Launch Unsuccessful'],
        // One that was given up has an instance, and join-node has told why.
        detail: { AutoScalingGroupName: [workers.groupName], EC2InstanceId: [{ exists: false }, '', null] },
      },
      targets: [
        new LambdaFunction(registry.function('end-launch').resource, {
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });

    new Rule(this, 'WorkerTerminating', {
      ruleName: `${config.clusterName}-worker-terminating`,
      description: 'An instance of the worker group waits in its terminate hook',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance-terminate Lifecycle Action'],
        detail: { AutoScalingGroupName: [workers.groupName], LifecycleHookName: [workers.terminateHookName] },
      },
      targets: [
        new SfnStateMachine(registry.machine('drain-node').resource, {
          input: hookOfInstance,
          deadLetterQueue,
          retryAttempts: 20,
          maxEventAge: workers.terminateHookTimeout, // after that the group has terminated the instance
        }),
      ],
    });

    const rotations = {
      joinToken: Duration.hours(config.rotation.joinTokenHours),
      kubeconfig: Duration.days(config.rotation.kubeconfigDays),
      pullSecret: Duration.hours(config.rotation.pullSecretHours),
    };
    for (const [kind, period] of Object.entries(rotations)) {
      new Rule(this, pascalCase(`rotate-${kind}`), {
        ruleName: `${config.clusterName}-rotate-${kind.toLowerCase()}`,
        description: `Renews credentials of the kind ${kind}`,
        schedule: Schedule.rate(period),
        targets: [
          new SfnStateMachine(registry.machine('rotate-credentials').resource, {
            input: RuleTargetInput.fromObject({ kind }),
            deadLetterQueue,
            retryAttempts: 20,
            maxEventAge: Duration.hours(1), // what is missed for longer, the next period or join-node makes up for
          }),
        ],
      });
    }

    new Rule(this, 'EveryMinute', {
      ruleName: `${config.clusterName}-reconcile`,
      description: 'Handles commands, launches and ends of workers whose event was lost',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(registry.function('reconcile').resource, {
          deadLetterQueue,
          retryAttempts: 0, // the next minute is the retry
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
  }
}
