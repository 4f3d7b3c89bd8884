/** Dead letters that go back. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
import { randomUUID } from 'node:crypto';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import { moveTaskInput } from './inputs.ts';
import type { Queue } from './queue.ts';
import type { QueueStore } from './queue-store.ts';

export function moveOperations(store: QueueStore): Readonly<Record<string, Operation>> {
  return {
    /** The task is over at once. */
    StartMessageMoveTask: operation(moveTaskInput, ({ SourceArn, DestinationArn }) => {
      const source = queueByArn(store, 'SourceArn', SourceArn);
      const isDeadLetterQueue = [...store.queues.values()].some(
        ({ settings }) => settings.redrivePolicy?.deadLetterTargetArn === SourceArn,
      );
      if (!isDeadLetterQueue)
        throw new ServiceError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
      // Without a destination, messages go where SQS moved them from, which the twin does not keep.
      if (DestinationArn === undefined)
        throw new ServiceError('UnsupportedOperation', 'The twin needs the destination of a message move task.');
      const destination = queueByArn(store, 'DestinationArn', DestinationArn);
      for (const { body, attributes, groupId } of source.removeVisible())
        destination.send({ body, attributes, groupId, delaySeconds: 0 });
      return { TaskHandle: Buffer.from(randomUUID()).toString('base64') };
    }),
  };
}

function queueByArn({ queues }: QueueStore, parameter: string, arn: string): Queue {
  const queue = [...queues.values()].find(({ settings }) => settings.arn === arn);
  if (queue === undefined) {
    const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
    throw new ServiceError('ResourceNotFoundException', message);
  }
  return queue;
}
