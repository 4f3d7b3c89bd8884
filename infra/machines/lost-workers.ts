import { Duration } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { sendResults } from '../lib/result-events.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';

export interface LostWorkersProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly deadLetterQueue: IQueue;
  readonly alarmTopic: ITopic;
}

/** Pods leave a silent node after half a minute, so nothing is urgent; a node that is repaired or rebooted by hand has this long. */
const lostAfterSeconds = 1800;
const round = Duration.minutes(1);
/** Nobody keeps a budget on a node that does not answer. */
const drainDeadlineSeconds = 120;

/**
 * Replaces workers that are not Ready for too long although EC2 finds nothing wrong with their instances. The function's result goes out as
 * an event: it cannot tell the group from inside of the VPC.
 */
export class LostWorkers extends Construct {
  constructor(scope: Construct, id: string, props: LostWorkersProps) {
    super(scope, id);
    const { defaults, network, secrets, deadLetterQueue, alarmTopic } = props;
    const { clusterName } = defaults.config;
    const kubeconfig = secrets.kubeconfigs.viewer.ref;
    new TaskFunction(this, 'Find', {
      ...defaults,
      name: 'find-lost-workers',
      description: 'Finds a worker that has not been Ready for too long',
      timeoutSeconds: 25,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: {
        KUBECONFIG_SECRET_ID: kubeconfig,
        LOST_AFTER_SECONDS: String(lostAfterSeconds),
        ROUND_SECONDS: String(round.toSeconds()),
      },
      statements: [
        new PolicyStatement({ sid: 'Secret', actions: ['secretsmanager:GetSecretValue'], resources: [kubeconfig] }),
      ],
    });
    const find = defaults.registry.function('find-lost-workers').resource;
    // The next minute is the retry.
    const found = sendResults(this, find, { retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new Rule(this, 'EveryMinute', {
      ruleName: `${clusterName}-find-lost-workers`,
      description: 'Looks for workers that are not Ready',
      schedule: Schedule.rate(round),
      targets: [new LambdaFunction(find, { deadLetterQueue, retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });

    new Rule(this, 'Lost', {
      ruleName: `${clusterName}-worker-lost`,
      description: 'A worker has not been Ready for too long: it is replaced',
      eventPattern: found('replace'),
      targets: [
        new SfnStateMachine(defaults.registry.machine('drain-node').resource, {
          input: RuleTargetInput.fromObject({
            instanceId: EventField.fromPath('$.detail.responsePayload.instanceId'),
            deadlineSeconds: drainDeadlineSeconds,
            terminate: true,
          }),
          deadLetterQueue,
          retryAttempts: 10,
          maxEventAge: Duration.minutes(5), // each minute has another event until the drain begins
        }),
      ],
    });
    new Rule(this, 'ManyLost', {
      ruleName: `${clusterName}-many-workers-lost`,
      description: 'More than half of the workers are not Ready: somebody is told',
      eventPattern: found('many'),
      targets: [
        new SnsTopic(alarmTopic, {
          message: RuleTargetInput.fromText(
            [
              `ALARM: "${clusterName}-many-workers-lost"`,
              `More than half of the workers are not Ready: ${EventField.fromPath('$.detail.responsePayload.nodes')}.`,
              'New instances would not be better, so none is replaced: look at the control plane and the pod network.',
              'Runbook: docs/runbooks/workers-not-ready.md',
            ].join(' '),
          ),
          deadLetterQueue,
          retryAttempts: 10,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }
}
