import '@stepkube/shared/service/early-signals.ts';
import { SQSClient } from '@aws-sdk/client-sqs';
import { meteringEvent } from '@stepkube/shared/events/events.ts';
import { rebuildCommand, rebuildUsage } from '@stepkube/shared/events/rebuild-command.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { createDynamoDbClient } from '@stepkube/shared/service/dynamo-db.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { serve } from '@stepkube/shared/service/serve.ts';
import { createApi } from './api.ts';
import { readSettings, readStoreSettings } from './config.ts';
import { handleEvent } from './handle-event.ts';
import { createMetrics } from './metrics.ts';
import { openUsageStore } from './usage-events.ts';

await serve({
  name: 'metering',
  readSettings,
  createMetrics,
  async start({ settings, metrics, log }) {
    const { EVENTS_TABLE: table, RETENTION_DAYS: retentionDays } = settings;
    const dynamoDb = createDynamoDbClient();
    const store = openUsageStore({ dynamoDb, table, retentionDays });
    const app = createApi({ store, retentionDays, metrics, log });
    const api = await startHttpServer({ host: settings.HOST, port: settings.PORT, app });
    const events = new QueueConsumer({
      sqs: new SQSClient(awsClientSettings),
      queueUrl: settings.EVENTS_QUEUE_URL,
      deadLetterQueueUrl: settings.EVENTS_DEAD_LETTER_QUEUE_URL,
      attempts: attempts.events,
      schema: meteringEvent,
      concurrency: settings.CONCURRENCY,
      visibilitySeconds: settings.VISIBILITY_SECONDS,
      drainSeconds: 20,
      log,
      onOutcome: (outcome) => metrics.eventMessages.inc({ outcome }),
      async handle(event, signal) {
        const finished = metrics.eventSeconds.startTimer();
        const outcome = await handleEvent(event, { store, dynamoDb, table, retentionDays }, signal);
        finished();
        metrics.events.inc({ type: event.type, outcome });
        log.info({ eventId: event.eventId, type: event.type, outcome }, 'event metered');
      },
    }).start();
    return { workers: [api, events], details: { retentionDays, port: api.port } };
  },
  usage: rebuildUsage,
  commands: {
    rebuild: rebuildCommand({
      readSettings: readStoreSettings,
      openStore: ({ EVENTS_TABLE: table, RETENTION_DAYS: retentionDays }) =>
        openUsageStore({ dynamoDb: createDynamoDbClient(), table, retentionDays }),
    }),
  },
});
