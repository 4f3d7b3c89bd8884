/** The queues of the template. */
import { parsePolicyDocument } from '../iam/policy-document.ts';
import { physicalName } from '../physical-name.ts';
import type { CloudCore, ResourceProvider, TemplateResource } from '../service.ts';
import { ServiceError } from '../service.ts';
import { type Message, Queue, type QueueSettings } from './queue.ts';
import type { QueuePolicies } from './service-deliveries.ts';

export interface QueueStore {
  readonly queues: Map<string, Queue>;
  readonly policies: QueuePolicies;
}

const largestMessageBytes = 1_048_576;

export function createQueueStore(): QueueStore {
  return { queues: new Map(), policies: new Map() };
}

/** @throws ServiceError QueueDoesNotExist */
export function requireQueue(store: QueueStore, name: string): Queue {
  const queue = store.queues.get(name);
  if (queue === undefined) throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

/** The queue of a URL `http://<endpoint>/<account>/<name>`. */
export function queueOf(store: QueueStore, { QueueUrl }: { readonly QueueUrl?: unknown }): Queue {
  return requireQueue(
    store,
    String(QueueUrl ?? '')
      .split('/')
      .at(-1)!,
  );
}

export function queueProviders(core: CloudCore, store: QueueStore): readonly ResourceProvider[] {
  return [
    { type: 'AWS::SQS::Queue', create: (resource) => createQueue(core, store, resource) },
    { type: 'AWS::SQS::QueuePolicy', create: (resource) => createPolicy(store, resource) },
  ];
}

/** Read when an AWS service sends. A role of the same account needs no more than its own policies. */
function createPolicy(store: QueueStore, { logicalId, properties }: TemplateResource) {
  const statements = parsePolicyDocument(properties.PolicyDocument);
  for (const QueueUrl of properties.Queues) {
    const { arn } = queueOf(store, { QueueUrl }).settings;
    store.policies.set(arn, [...(store.policies.get(arn) ?? []), ...statements]);
  }
  return { ref: logicalId, attributes: { Id: logicalId } };
}

function createQueue(core: CloudCore, store: QueueStore, { logicalId, properties }: TemplateResource) {
  if (properties.FifoQueue === true) throw new Error('FifoQueue: the twin has standard queues only');
  const name: string = properties.QueueName ?? physicalName(core.options.stackName, logicalId, 80);
  const redrive = properties.RedrivePolicy;
  const settings: QueueSettings = {
    name,
    arn: `arn:aws:sqs:${core.region}:${core.accountId}:${name}`,
    url: `${core.endpoint}/${core.accountId}/${name}`,
    visibilityTimeoutSeconds: Number(properties.VisibilityTimeout ?? 30),
    delaySeconds: Number(properties.DelaySeconds ?? 0),
    receiveWaitSeconds: Number(properties.ReceiveMessageWaitTimeSeconds ?? 0),
    retentionSeconds: Number(properties.MessageRetentionPeriod ?? 345_600),
    maximumMessageBytes: Number(properties.MaximumMessageSize ?? largestMessageBytes),
    redrive: redrive && {
      deadLetterArn: redrive.deadLetterTargetArn,
      maxReceiveCount: Number(redrive.maxReceiveCount),
    },
  };
  const deadLetters = (message: Message) => {
    const deadLetterName = settings.redrive!.deadLetterArn.split(':').at(-1)!;
    requireQueue(store, deadLetterName).add(message);
    core.context.log('sqs', `${name}: message ${message.id} was received too often and moved to ${deadLetterName}`);
  };
  store.queues.set(name, new Queue(settings, core.context.changed, deadLetters));
  return { ref: settings.url, attributes: { Arn: settings.arn, QueueName: name, QueueUrl: settings.url } };
}
