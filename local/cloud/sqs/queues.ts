/** Operations on queues. */
import { type Operation, operation } from '../operation.ts';
import { listQueuesInput, queueAttributesInput, queueInput, queueNameInput } from './inputs.ts';
import type { Queue } from './queue.ts';
import { type QueueStore, queueByUrl, requireQueue } from './queue-store.ts';

export function queueOperations(store: QueueStore): Readonly<Record<string, Operation>> {
  return {
    GetQueueUrl: operation(queueNameInput, ({ QueueName }) => ({
      QueueUrl: requireQueue(store, QueueName).settings.url,
    })),

    GetQueueAttributes: operation(queueAttributesInput, ({ QueueUrl, AttributeNames: names }) => {
      const all = Object.entries(attributesOf(queueByUrl(store, QueueUrl)));
      const selected = all.filter(([name]) => names.includes('All') || names.includes(name));
      return { Attributes: Object.fromEntries(selected) };
    }),

    ListQueues: operation(listQueuesInput, ({ QueueNamePrefix }) => ({
      QueueUrls: [...store.queues.values()]
        .filter(({ settings }) => settings.name.startsWith(QueueNamePrefix))
        .map(({ settings }) => settings.url),
    })),

    PurgeQueue: operation(queueInput, ({ QueueUrl }) => {
      queueByUrl(store, QueueUrl).purge();
      return {};
    }),
  };
}

function attributesOf(queue: Queue): Record<string, string> {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maxMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    QueueArn: settings.arn,
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    ...(settings.redrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(settings.redrivePolicy) }),
  };
}
