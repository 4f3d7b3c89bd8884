/** The queues of the template and their policies. */
import { z } from 'zod';
import { arnOf, parseArn } from '../arns.ts';
import { policyDocument, type Statement } from '../iam/policy-document.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider, templateNumber } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { Queue, type QueueSettings } from './queue.ts';
import { queueNameOf } from './queue-url.ts';

export interface QueueStore {
  /** By queue name. */
  readonly queues: Map<string, Queue>;
  /** By queue ARN. */
  readonly policies: Map<string, readonly Statement[]>;
}

const maxQueueNameLength = 80;

const queueProperties = z.object({
  QueueName: z.string().optional(),
  FifoQueue: z.literal(false, { error: 'the twin has standard queues only' }).optional(),
  VisibilityTimeout: templateNumber.default(30),
  DelaySeconds: templateNumber.default(0),
  ReceiveMessageWaitTimeSeconds: templateNumber.default(0),
  MessageRetentionPeriod: templateNumber.default(345_600),
  MaximumMessageSize: templateNumber.default(1_048_576),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: templateNumber }).optional(),
});
const queuePolicyProperties = z.object({ Queues: z.array(z.string()), PolicyDocument: policyDocument });

export function createQueueStore(): QueueStore {
  return { queues: new Map(), policies: new Map() };
}

/** @throws ServiceError QueueDoesNotExist */
export function requireQueue({ queues }: QueueStore, name: string): Queue {
  const queue = queues.get(name);
  if (queue === undefined) throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

/** @throws ServiceError QueueDoesNotExist */
export function queueByUrl(store: QueueStore, queueUrl: string): Queue {
  return requireQueue(store, queueNameOf(queueUrl));
}

export function queueProviders(core: CloudCore, store: QueueStore): readonly ResourceProvider[] {
  return [
    provider('AWS::SQS::Queue', queueProperties, ({ logicalId, properties }) => {
      const name = properties.QueueName ?? physicalName(core.options.stackName, logicalId, maxQueueNameLength);
      const settings: QueueSettings = {
        name,
        arn: arnOf(core, 'sqs', name),
        url: `${core.endpoint}/${core.accountId}/${name}`,
        visibilityTimeoutSeconds: properties.VisibilityTimeout,
        delaySeconds: properties.DelaySeconds,
        receiveWaitSeconds: properties.ReceiveMessageWaitTimeSeconds,
        retentionSeconds: properties.MessageRetentionPeriod,
        maxMessageBytes: properties.MaximumMessageSize,
        redrivePolicy: properties.RedrivePolicy,
      };
      store.queues.set(name, createQueue(core, store, settings));
      return { ref: settings.url, attributes: { Arn: settings.arn, QueueName: name, QueueUrl: settings.url } };
    }),

    /** Evaluated when an AWS service sends. The identity-based policies of a role suffice in the queue's own account. */
    provider('AWS::SQS::QueuePolicy', queuePolicyProperties, ({ logicalId, properties }) => {
      for (const queueUrl of properties.Queues) {
        const { arn } = queueByUrl(store, queueUrl).settings;
        store.policies.set(arn, [...(store.policies.get(arn) ?? []), ...properties.PolicyDocument]);
      }
      return { ref: logicalId, attributes: { Id: logicalId } };
    }),
  ];
}

function createQueue({ context }: CloudCore, store: QueueStore, settings: QueueSettings): Queue {
  return new Queue(settings, {
    onChange: context.changed,
    onDeadLetter: (message) => {
      const deadLetterQueue = parseArn(settings.redrivePolicy?.deadLetterTargetArn ?? '').resource;
      requireQueue(store, deadLetterQueue).add(message);
      context.log('sqs', `${settings.name}: message ${message.id} was moved to ${deadLetterQueue}: received too often`);
    },
  });
}
