import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';
import type { Workers } from '../nodes/workers.ts';

export interface PodSpreadProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly workers: Workers;
  readonly deadLetterQueue: IQueue;
}

/** Moves pods to a worker that has entered service: the scheduler places pods once and never again. */
export class PodSpread extends Construct {
  constructor(scope: Construct, id: string, props: PodSpreadProps) {
    super(scope, id);
    const { defaults, network, secrets, workers, deadLetterQueue } = props;
    const { clusterName } = defaults.config;
    const kubeconfig = secrets.kubeconfigs.drainer.ref;
    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'spread-pods',
      description: 'Moves pods that stand together to a worker that has just joined',
      timeoutSeconds: 25,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: { KUBECONFIG_SECRET_ID: kubeconfig },
      statements: [
        new PolicyStatement({ sid: 'Secret', actions: ['secretsmanager:GetSecretValue'], resources: [kubeconfig] }),
      ],
    });
    new Rule(this, 'WorkerInService', {
      ruleName: `${clusterName}-worker-in-service`,
      description: 'An instance of the worker group has entered service',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance Launch Successful'],
        detail: { AutoScalingGroupName: [workers.groupName] },
      },
      targets: [
        new LambdaFunction(defaults.registry.function('spread-pods').resource, {
          deadLetterQueue,
          retryAttempts: 2,
          maxEventAge: Duration.minutes(10), // the next worker is the next chance
        }),
      ],
    });
  }
}
