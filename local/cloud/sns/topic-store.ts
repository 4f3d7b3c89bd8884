/** The topics of the template and their policies. Subscriptions are only checked: nothing is mailed. */
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { policyDocument, type Statement } from '../iam/policy-document.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';

export interface Topic {
  readonly arn: string;
  policy: readonly Statement[];
}

/** By ARN. */
export type TopicStore = Map<string, Topic>;

const topicProperties = z.object({
  TopicName: z.string().optional(),
  FifoTopic: z.literal(false, { error: 'the twin has standard topics only' }).optional(),
});
const topicPolicyProperties = z.object({ Topics: z.array(z.string()), PolicyDocument: policyDocument });
const subscriptionProperties = z.object({ TopicArn: z.string(), Protocol: z.literal('email'), Endpoint: z.string() });

/** @throws ServiceError NotFound */
export function requireTopic(topics: TopicStore, arn: string): Topic {
  const topic = topics.get(arn);
  if (topic === undefined) throw new ServiceError('NotFound', 'Topic does not exist', 404);
  return topic;
}

export function topicProviders(core: CloudCore, topics: TopicStore): readonly ResourceProvider[] {
  return [
    provider('AWS::SNS::Topic', topicProperties, ({ logicalId, properties }) => {
      const name = properties.TopicName ?? physicalName(core.options.stackName, logicalId);
      const arn = arnOf(core, 'sns', name);
      topics.set(arn, { arn, policy: [] });
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    }),
    provider('AWS::SNS::TopicPolicy', topicPolicyProperties, ({ logicalId, properties }) => {
      for (const arn of properties.Topics) requireTopic(topics, arn).policy = properties.PolicyDocument;
      return { ref: logicalId };
    }),
    provider('AWS::SNS::Subscription', subscriptionProperties, ({ logicalId, properties }) => {
      const { arn } = requireTopic(topics, properties.TopicArn);
      return { ref: `${arn}:${logicalId}` };
    }),
  ];
}
