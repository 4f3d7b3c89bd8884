/** Operations on queues. */
import type { Operation } from '../service.ts';
import type { Queue } from './queue.ts';
import { type QueueStore, queueOf, requireQueue } from './store.ts';

export function queueOperations(store: QueueStore): Record<string, Operation> {
  return {
    GetQueueUrl: async (input) => ({ QueueUrl: requireQueue(store, input.QueueName).settings.url }),
    GetQueueAttributes: async (input) => {
      const all = attributesOf(queueOf(store, input));
      const wanted: readonly string[] = input.AttributeNames ?? [];
      const selected = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
      return { Attributes: Object.fromEntries(selected) };
    },
    ListQueues: async (input) => ({
      QueueUrls: [...store.queues.values()]
        .filter(({ settings }) => settings.name.startsWith(input.QueueNamePrefix ?? ''))
        .map(({ settings }) => settings.url),
    }),
    PurgeQueue: async (input) => {
      queueOf(store, input).purge();
      return {};
    },
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
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    QueueArn: settings.arn,
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    ...(settings.redrive === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: settings.redrive.deadLetterArn,
            maxReceiveCount: settings.redrive.maxReceiveCount,
          }),
        }),
  };
}
