import { Duration } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { sendResults } from '../lib/result-events.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';

export interface ExpiriesProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly secrets: ClusterSecrets;
  readonly topic: ITopic;
}

/** A daily look at what ends: a rotation that does not run at all fails nowhere. */
export class Expiries extends Construct {
  constructor(scope: Construct, id: string, { defaults, network, secrets, topic }: ExpiriesProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const kubeconfigs = Object.values(secrets.kubeconfigs).map(({ ref }) => ref);
    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'check-expiries',
      description: 'Finds kubeconfigs and certificates that end soon because nothing renews them',
      timeoutSeconds: 30,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: { KUBECONFIG_SECRET_IDS: kubeconfigs.join(',') },
      statements: [
        new PolicyStatement({ sid: 'Kubeconfigs', actions: ['secretsmanager:GetSecretValue'], resources: kubeconfigs }),
      ],
    });
    const check = defaults.registry.function('check-expiries').resource;
    const found = sendResults(this, check, { retryAttempts: 2, maxEventAge: Duration.hours(1) });
    new Rule(this, 'EveryDay', {
      ruleName: `${clusterName}-check-expiries`,
      description: 'Looks for credentials that end soon',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new LambdaFunction(check, {
          retryAttempts: 2,
          maxEventAge: Duration.hours(1), // the next day is the next look
        }),
      ],
    });
    new Rule(this, 'Overdue', {
      ruleName: `${clusterName}-credentials-end`,
      description: 'Credentials end soon: somebody is told',
      eventPattern: found('overdue'),
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(
            [
              `ALARM: "${clusterName}-credentials-end"`,
              `Not renewed in time: ${EventField.fromPath('$.detail.responsePayload.credentials')}.`,
              'Then nothing joins, drains or deploys. ./stepkube rotate kubeconfig --yes renews kubeconfigs.',
              'Runbook: docs/runbooks/credentials-end.md',
            ].join(' '),
          ),
          retryAttempts: 10,
          maxEventAge: Duration.hours(1), // the next day has another event
        }),
      ],
    });
  }
}
