import type { CloudCore, CloudModule } from '../service.ts';
import { messageOperations } from './messages.ts';
import { queueOperations } from './queues.ts';
import { checkServiceDeliveries } from './service-deliveries.ts';
import { createQueueStore, queueOf, queueProviders, requireQueue } from './store.ts';

/** SQS: standard queues. */
export function createSqsModule(core: CloudCore): CloudModule {
  const store = createQueueStore();
  const stopping = new AbortController();
  checkServiceDeliveries(core, store.policies);
  return {
    services: [
      {
        name: 'sqs',
        operations: { ...queueOperations(store), ...messageOperations(store, stopping.signal) },
        // A batch needs the permission of its single operation.
        actionOf: (operation) => operation.replace(/Batch$/, ''),
        resourcesOf: (operation, input) => {
          if (operation === 'ListQueues') return [];
          const queue =
            operation === 'GetQueueUrl' ? requireQueue(store, String(input['QueueName'])) : queueOf(store, input);
          return [queue.settings.arn];
        },
      },
    ],
    providers: queueProviders(core, store),
    view: () => ({
      queues: [...store.queues.values()].map((queue) => {
        const { visible, inFlight } = queue.counts();
        return { name: queue.settings.name, visible, inFlight };
      }),
    }),
    stop: async () => stopping.abort(),
  };
}
