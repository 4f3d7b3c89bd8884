import type { CloudCore, CloudModule } from '../service.ts';
import { messageOperations } from './messages.ts';
import { moveOperations } from './move-tasks.ts';
import { createQueueStore, queueByUrl, queueProviders, requireQueue } from './queue-store.ts';
import { queueOperations } from './queues.ts';
import { checkServiceMaySend, type ServiceDelivery } from './service-deliveries.ts';

export interface SqsModule extends CloudModule {
  /** @throws ServiceError AccessDenied when the queue's policy does not allow the service to send */
  checkServiceMaySend(delivery: ServiceDelivery): void;
}

/** SQS: standard queues. */
export function createSqsModule(core: CloudCore): SqsModule {
  const store = createQueueStore();
  const stopping = new AbortController();
  return {
    services: [
      {
        name: 'sqs',
        operations: {
          ...queueOperations(store),
          ...messageOperations(store, stopping.signal),
          ...moveOperations(store),
        },
        // A batch needs the permission of its single operation.
        actionOf: (operation) => operation.replace(/Batch$/, ''),
        resourcesOf: (operation, input) => {
          if (operation === 'ListQueues') return [];
          if (operation === 'StartMessageMoveTask') return [String(input['SourceArn'])];
          const queue =
            operation === 'GetQueueUrl'
              ? requireQueue(store, String(input['QueueName']))
              : queueByUrl(store, String(input['QueueUrl']));
          return [queue.settings.arn];
        },
      },
    ],
    providers: queueProviders(core, store),
    view: () => ({
      queues: [...store.queues.values()].map((queue) => {
        const { visible, inFlight } = queue.counts();
        const { oldestSeconds } = queue;
        return { name: queue.settings.name, visible, inFlight, ...(oldestSeconds !== undefined && { oldestSeconds }) };
      }),
    }),
    stop: async () => stopping.abort(),
    checkServiceMaySend: (delivery) => checkServiceMaySend(core, store, delivery),
  };
}
