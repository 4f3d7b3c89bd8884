import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';

export interface AlarmTopicProps {
  readonly config: ClusterConfig;
}

/** Where somebody is told: alarms publish to it, and the address in `alarms.email` gets what they say. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { config }: AlarmTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Resource', {
      topicName: `${config.clusterName}-alarms`,
      displayName: config.clusterName,
      enforceSSL: true,
    });
    // A policy of its own replaces the topic's default one, which let the alarms of the account publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const { email } = config.alarms;
    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
  }
}
