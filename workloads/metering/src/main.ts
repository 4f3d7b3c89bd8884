import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { meteringEvent } from '@stepkube/shared/events/events.ts';
import { runRebuild, usage } from '@stepkube/shared/events/rebuild-command.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { Readiness, startInternalServer } from '@stepkube/shared/service/internal-server.ts';
import { createLog } from '@stepkube/shared/service/logger.ts';
import { type RunningService, runService } from '@stepkube/shared/service/run-service.ts';
import { apiHandler } from './api.ts';
import { readSettings, readStoreSettings } from './config.ts';
import { handleEvent } from './handle-event.ts';
import { createMetrics } from './metrics.ts';
import { openUsageStore } from './usage-events.ts';

const { log } = createLog({ service: 'metering' });

async function start(): Promise<RunningService> {
  const settings = readSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const { HOST: host, EVENTS_TABLE: table, RETENTION_DAYS: retentionDays, PLAN: plan } = settings;
  const metrics = createMetrics();
  const readiness = new Readiness();
  const { registry } = metrics;
  const internal = await startInternalServer({ host, port: settings.INTERNAL_PORT, readiness, registry, log });

  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings));
  const store = openUsageStore({ dynamoDb, table, retentionDays });
  const api = await startHttpServer({
    host,
    port: settings.PORT,
    log,
    handler: apiHandler({ store, plan, retentionDays, metrics, log }),
  });
  const events = new QueueConsumer({
    sqs: new SQSClient(awsClientSettings),
    queueUrl: settings.EVENTS_QUEUE_URL,
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
  });
  events.start();
  readiness.set(true, 'ready');
  log.info({ plan, retentionDays, port: api.port, internalPort: internal.port }, 'ready');

  return {
    async stop() {
      readiness.set(false, 'stopping');
      await Promise.all([api.close(), events.stop()]);
      await internal.close();
    },
  };
}

async function rebuild(args: readonly string[]): Promise<number> {
  const settings = readStoreSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings));
  const { EVENTS_TABLE: table, RETENTION_DAYS: retentionDays } = settings;
  return runRebuild({ args, openStore: () => openUsageStore({ dynamoDb, table, retentionDays }), log });
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) await runService({ log, stopSeconds: 35, start });
else if (command === 'rebuild') {
  process.exitCode = await rebuild(args).catch((error: unknown) => {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the rebuild failed');
    return 2;
  });
} else {
  log.fatal(`${usage}; ${command} is not known`);
  process.exitCode = 2;
}
