import '@stepkube/shared/service/early-signals.ts';
import { SQSClient } from '@aws-sdk/client-sqs';
import { analysisEvent } from '@stepkube/shared/events/events.ts';
import { rebuildCommand, rebuildUsage } from '@stepkube/shared/events/rebuild-command.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { createDynamoDbClient } from '@stepkube/shared/service/dynamo-db.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { serve } from '@stepkube/shared/service/serve.ts';
import { Analysis } from './analysis.ts';
import { createApi } from './api.ts';
import { readSettings, readStoreSettings, type StoreSettings } from './config.ts';
import { createMetrics } from './metrics.ts';

const openAnalysis = ({ EVENTS_TABLE: table, RETENTION_DAYS: retentionDays }: StoreSettings): Analysis =>
  new Analysis({ dynamoDb: createDynamoDbClient(), table, retentionDays });

await serve({
  name: 'model-analyzer',
  readSettings,
  createMetrics,
  async start({ settings, metrics, log }) {
    const analysis = openAnalysis(settings);
    const app = createApi({
      log,
      readModels: () => analysis.models(),
      retentionDays: settings.RETENTION_DAYS,
      onRequest: (route, status) => metrics.apiRequests.inc({ route, status }),
    });
    const api = await startHttpServer({ host: settings.HOST, port: settings.PORT, app });
    const events = new QueueConsumer({
      sqs: new SQSClient(awsClientSettings),
      queueUrl: settings.EVENTS_QUEUE_URL,
      deadLetterQueueUrl: settings.EVENTS_DEAD_LETTER_QUEUE_URL,
      attempts: attempts.events,
      schema: analysisEvent,
      concurrency: settings.CONCURRENCY,
      visibilitySeconds: settings.VISIBILITY_SECONDS,
      drainSeconds: 20,
      log,
      onOutcome: (outcome) => metrics.eventMessages.inc({ outcome }),
      async handle(event, signal) {
        const finished = metrics.eventSeconds.startTimer();
        const outcome = await analysis.record(event, signal);
        finished();
        metrics.events.inc({ type: event.type, outcome });
        log.info({ eventId: event.eventId, type: event.type, outcome }, 'event analyzed');
      },
    }).start();
    return { workers: [api, events], details: { port: api.port } };
  },
  usage: rebuildUsage,
  commands: {
    rebuild: rebuildCommand({
      readSettings: readStoreSettings,
      openStore: (settings) => openAnalysis(settings).store,
    }),
  },
});
