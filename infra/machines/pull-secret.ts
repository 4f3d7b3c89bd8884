import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';

export interface PullSecretProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
}

/**
 * The functions that fetch the registry's password and copy it into every namespace, for rotate-credentials. They are two, because ECR
 * cannot be reached from the isolated subnets, nor the Kubernetes API from elsewhere.
 */
export class PullSecret extends Construct {
  readonly #defaults: FunctionDefaults;

  constructor(scope: Construct, id: string, { defaults, network, secrets }: PullSecretProps) {
    super(scope, id);
    this.#defaults = defaults;
    const repositories = Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });

    const store = new TaskFunction(this, 'Store', {
      ...defaults,
      name: 'store-pull-secret',
      description: "Stores a fresh password of the account's image registry",
      timeoutSeconds: 25,
      environment: { PULL_SECRET_ID: secrets.pull.ref },
      statements: [
        new PolicyStatement({ sid: 'Password', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
        // The password can do what the role that asked for it can do.
        new PolicyStatement({
          sid: 'Pull',
          actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          resources: [repositories],
        }),
        new PolicyStatement({
          sid: 'Store',
          actions: ['secretsmanager:PutSecretValue'],
          resources: [secrets.pull.ref],
        }),
      ],
    });
    acknowledgeWildcard(store, '*', 'ecr:GetAuthorizationToken has no resource-level permissions.');
    acknowledgeWildcard(
      store,
      repositories,
      'Pulling is all it allows, and a cluster pulls from every repository of its account.',
    );

    const kubeconfig = secrets.kubeconfigs.puller.ref;
    new TaskFunction(this, 'Copy', {
      ...defaults,
      name: 'copy-pull-secret',
      description: "Copies the registry's password into every namespace",
      timeoutSeconds: 40,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: { KUBECONFIG_SECRET_ID: kubeconfig, PULL_SECRET_ID: secrets.pull.ref },
      statements: [
        new PolicyStatement({
          sid: 'Secrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [kubeconfig, secrets.pull.ref],
        }),
      ],
    });
  }

  /** A new namespace has no event outside of its cluster: it is looked for every minute. */
  copyEveryMinute(deadLetterQueue: IQueue): void {
    const { config, registry } = this.#defaults;
    const copy = registry.function('copy-pull-secret').resource;
    new EventInvokeConfig(this, 'Once', { function: copy, retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new Rule(this, 'EveryMinute', {
      ruleName: `${config.clusterName}-copy-pull-secret`,
      description: 'Brings the pull secret into new namespaces',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(copy, {
          event: RuleTargetInput.fromObject({ whenUnreachable: 'skip' }),
          deadLetterQueue,
          retryAttempts: 0, // the next minute is the retry
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
  }
}
