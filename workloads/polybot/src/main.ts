import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { jobSchema } from '@stepkube/shared/contracts/contracts.ts';
import { Pictures } from '@stepkube/shared/contracts/pictures.ts';
import { createEventPublisher } from '@stepkube/shared/events/event-publisher.ts';
import { sendMessage } from '@stepkube/shared/queue/send-message.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { Readiness, startInternalServer } from '@stepkube/shared/service/internal-server.ts';
import { createLog } from '@stepkube/shared/service/logger.ts';
import { type RunningService, runService } from '@stepkube/shared/service/run-service.ts';
import { Admission } from './admission.ts';
import { createBot } from './bot.ts';
import { readSettings } from './config.ts';
import { Once } from './idempotency-cache.ts';
import { createMetrics } from './metrics.ts';
import { Ledger } from './notification-log.ts';
import { registerWebhook, webhookRegistration } from './register-webhook.ts';
import { consumeReminders, reminderSchema } from './reminders.ts';
import { consumeResults } from './results.ts';
import { call, whenAvailable } from './telegram.ts';
import { readTelegramSecret } from './telegram-secret.ts';
import { readUsage } from './usage.ts';
import { webhookHandler } from './webhook.ts';

/** How many updates are remembered, to not handle them twice. */
const rememberedUpdates = 10_000;

const { log, hide } = createLog({ service: 'polybot' });

async function start(signal: AbortSignal): Promise<RunningService> {
  const settings = readSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const { HOST: host } = settings;
  const metrics = createMetrics();
  const readiness = new Readiness();
  const { registry } = metrics;
  const internal = await startInternalServer({ host, port: settings.INTERNAL_PORT, readiness, registry, log });

  const secrets = new SecretsManagerClient(awsClientSettings);
  const { token, webhookSecret, certificate } = await readTelegramSecret(secrets, settings.TELEGRAM_SECRET_ID, signal);
  hide(token, webhookSecret);

  const sqs = new SQSClient(awsClientSettings);
  const pictures = new Pictures(new S3Client(awsClientSettings), settings.PICTURES_BUCKET);
  const publish = createEventPublisher({
    client: new EventBridgeClient(awsClientSettings),
    busName: settings.EVENT_BUS_NAME,
    source: 'stepkube.polybot',
  });
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings));
  const { LEDGER_TABLE: table, PICTURES_PER_MINUTE: picturesPerMinute } = settings;
  const ledger = new Ledger(dynamoDb, table);
  const bot = createBot({
    token,
    apiRoot: settings.TELEGRAM_API_ROOT,
    log,
    admission: new Admission({ dynamoDb, table, token, picturesPerMinute }),
    onRefusal: (reason) => metrics.refusals.inc({ reason }),
    readUsage: (userId) => readUsage(settings.METERING_URL, userId),
    forget: (event) => publish('UserForgotten', event),
    retention: { picturesDays: settings.PICTURES_DAYS, eventsDays: settings.EVENTS_DAYS },
    onMessage: (kind) => metrics.messages.inc({ kind }),
    async submit(job, picture) {
      await pictures.put(job.pictureKey, picture, 'application/octet-stream');
      const { version, jobId, replyTo } = job;
      await Promise.all([
        sendMessage(sqs, settings.JOBS_QUEUE_URL, jobSchema, job),
        sendMessage(sqs, settings.REMINDERS_QUEUE_URL, reminderSchema, { version, jobId, replyTo }),
      ]);
    },
  });
  const { telegram } = bot;
  bot.botInfo = await whenAvailable(() => call(telegram, 'getMe', {}, signal), signal, log);

  const updates = new Once<number>(rememberedUpdates);
  const webhook = await startHttpServer({
    host,
    port: settings.PORT,
    log,
    handler: webhookHandler({
      secret: webhookSecret,
      log,
      onRefusal: (reason) => metrics.webhookRefusals.inc({ reason }),
      handleUpdate: (update) => updates.run(update.update_id, () => bot.handleUpdate(update)),
    }),
  });
  if (settings.WEBHOOK_URL !== undefined) {
    readiness.set(false, 'waiting for Telegram to accept the webhook');
    const registration = webhookRegistration(settings.WEBHOOK_URL, webhookSecret, certificate);
    // Saying it again changes nothing: every pod does at its start.
    await registerWebhook(() => call(telegram, 'setWebhook', registration, signal), { signal, log });
  }
  const chats = { sqs, telegram, ledger, metrics, log };
  const results = consumeResults({ ...chats, queueUrl: settings.RESULTS_QUEUE_URL, pictures });
  const reminders = consumeReminders({ ...chats, queueUrl: settings.REMINDERS_QUEUE_URL });
  readiness.set(true, 'ready');
  log.info({ webhook: settings.WEBHOOK_URL, port: webhook.port, internalPort: internal.port }, 'ready');

  return {
    async stop() {
      readiness.set(false, 'stopping');
      await Promise.all([webhook.close(), results.stop(), reminders.stop()]);
      await internal.close();
    },
  };
}

await runService({ log, stopSeconds: 35, start });
