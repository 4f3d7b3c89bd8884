import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AnalysisEvent, analysisEvent } from '@stepkube/shared/events/events.ts';
import { runRebuild, usage } from '@stepkube/shared/events/rebuild-command.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { Readiness, startInternalServer } from '@stepkube/shared/service/internal-server.ts';
import { createLog } from '@stepkube/shared/service/logger.ts';
import { type RunningService, runService } from '@stepkube/shared/service/run-service.ts';
import { Analysis } from './analysis.ts';
import { apiHandler } from './api.ts';
import { readSettings, readStoreSettings, type StoreSettings } from './config.ts';
import { createMetrics } from './metrics.ts';

const { log } = createLog({ service: 'model-analyzer' });

function openAnalysis({ EVENTS_TABLE: table, RETENTION_DAYS: retentionDays }: StoreSettings): Analysis {
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings));
  return new Analysis({ dynamoDb, table, retentionDays });
}

async function start(): Promise<RunningService> {
  const settings = readSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const { HOST: host } = settings;
  const metrics = createMetrics();
  const readiness = new Readiness();
  const { registry } = metrics;
  const internal = await startInternalServer({ host, port: settings.INTERNAL_PORT, readiness, registry, log });

  const analysis = openAnalysis(settings);
  const api = await startHttpServer({
    host,
    port: settings.PORT,
    log,
    handler: apiHandler({
      log,
      readModels: () => analysis.models(),
      retentionDays: settings.RETENTION_DAYS,
      onRequest: (route, status) => metrics.apiRequests.inc({ route, status }),
    }),
  });
  const work = async (event: AnalysisEvent, signal: AbortSignal) => {
    const endTimer = metrics.eventSeconds.startTimer();
    const outcome = await analysis.record(event, signal);
    endTimer();
    metrics.events.inc({ type: event.type, outcome });
    log.info({ eventId: event.eventId, type: event.type, outcome }, 'event analysed');
  };
  const events = new QueueConsumer({
    sqs: new SQSClient(awsClientSettings),
    queueUrl: settings.EVENTS_QUEUE_URL,
    attempts: attempts.events,
    schema: analysisEvent,
    concurrency: settings.CONCURRENCY,
    visibilitySeconds: settings.VISIBILITY_SECONDS,
    drainSeconds: 20,
    log,
    onOutcome: (outcome) => metrics.eventMessages.inc({ outcome }),
    handle: work,
  });
  events.start();
  readiness.set(true, 'ready');
  log.info({ port: api.port, internalPort: internal.port }, 'ready');

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
  return runRebuild({ args, openStore: () => openAnalysis(settings).store, log });
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
