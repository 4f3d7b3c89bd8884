import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';

export interface ExpiriesProps {
  readonly defaults: FunctionDefaults;
  readonly secrets: ClusterSecrets;
  readonly topic: ITopic;
}

/** A daily look at the kubeconfigs' ends: a rotation that does not run at all fails nowhere. */
export class Expiries extends Construct {
  constructor(scope: Construct, id: string, { defaults, secrets, topic }: ExpiriesProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const kubeconfigs = Object.values(secrets.kubeconfigs).map(({ ref }) => ref);
    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'check-expiries',
      description: 'Tells of kubeconfigs that end soon because nothing renews them',
      timeoutSeconds: 30,
      environment: {
        CLUSTER_NAME: clusterName,
        ALARM_TOPIC_ARN: topic.topicArn,
        KUBECONFIG_SECRET_IDS: kubeconfigs.join(','),
      },
      statements: [
        new PolicyStatement({ sid: 'Kubeconfigs', actions: ['secretsmanager:GetSecretValue'], resources: kubeconfigs }),
        new PolicyStatement({ sid: 'Tell', actions: ['sns:Publish'], resources: [topic.topicArn] }),
      ],
    });
    new Rule(this, 'EveryDay', {
      ruleName: `${clusterName}-check-expiries`,
      description: 'Looks for credentials that end soon',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new LambdaFunction(defaults.registry.function('check-expiries').resource, {
          retryAttempts: 2,
          maxEventAge: Duration.hours(1), // the next day is the next look
        }),
      ],
    });
  }
}
