import '@stepkube/shared/service/early-signals.ts';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Job, jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { createEventPublisher } from '@stepkube/shared/events/event-publisher.ts';
import { sendMessage } from '@stepkube/shared/queue/send-message.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { createDynamoDbClient } from '@stepkube/shared/service/dynamo-db.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { ImageStore } from '@stepkube/shared/service/image-store.ts';
import { serve } from '@stepkube/shared/service/serve.ts';
import { Admission } from './admission.ts';
import { createBot } from './bot.ts';
import { ChatPace } from './chat-pace.ts';
import { readSettings } from './config.ts';
import { consumeDownloads, downloadSchema } from './downloads.ts';
import { IdempotencyCache } from './idempotency-cache.ts';
import { groupIdOf } from './job.ts';
import { createMetrics } from './metrics.ts';
import { NotificationLog } from './notification-log.ts';
import { OpenJobs } from './open-jobs.ts';
import { registerWebhook, webhookRegistration } from './register-webhook.ts';
import { consumeReminders, reminderSchema } from './reminders.ts';
import { consumeResults } from './results.ts';
import { call, whenAvailable } from './telegram.ts';
import { readTelegramSecret } from './telegram-secret.ts';
import { readUsage } from './usage.ts';
import { createWebhook } from './webhook.ts';

/** Telegram delivers an update again when it got no answer: so many updates are recognized as duplicates. */
const rememberedUpdates = 10_000;
/** Of one sender: a person who asks never gets there, a script does. */
const textsPerMinute = 20;

await serve({
  name: 'polybot',
  readSettings,
  createMetrics,
  async start({ settings, metrics, log, hide, waitingFor, signal }) {
    const secrets = new SecretsManagerClient(awsClientSettings);
    const { token, webhookSecret, certificate } = await readTelegramSecret(
      secrets,
      settings.TELEGRAM_SECRET_ID,
      signal,
    );
    hide(token, webhookSecret);

    const sqs = new SQSClient(awsClientSettings);
    const images = new ImageStore(new S3Client(awsClientSettings), settings.PICTURES_BUCKET);
    const publish = createEventPublisher({
      client: new EventBridgeClient(awsClientSettings),
      busName: settings.EVENT_BUS_NAME,
      source: 'stepkube.polybot',
    });
    const dynamoDb = createDynamoDbClient();
    const { NOTIFICATION_LOG_TABLE: table, PICTURES_PER_MINUTE: picturesPerMinute, PLAN: plan } = settings;
    const admission = new Admission({ dynamoDb, table, token, plan, picturesPerMinute, textsPerMinute });
    const openJobs = new OpenJobs({ dynamoDb, table, token });
    // One sender's many pictures wait behind each other, not in front of everybody else's.
    const groupOf = ({ userId }: Job) => ({ groupId: groupIdOf(token, userId) });
    const bot = createBot({
      token,
      apiRoot: settings.TELEGRAM_API_ROOT,
      log,
      admission,
      onRefusal: (reason) => metrics.refusals.inc({ reason }),
      readUsage: (userId) => readUsage(settings.METERING_URL, userId),
      forget: (event) => publish('UserForgotten', event),
      retention: { picturesDays: settings.PICTURES_DAYS, eventsDays: settings.EVENTS_DAYS },
      onMessage: (kind) => metrics.messages.inc({ kind }),
      async queueDownload(job, fileId) {
        const { version, jobId, replyTo } = job;
        // First, so that whatever happens to the picture, its sender hears of it.
        await sendMessage(sqs, settings.REMINDERS_QUEUE_URL, reminderSchema, { version, jobId, replyTo });
        const download = { version, fileId, job };
        await sendMessage(sqs, settings.DOWNLOADS_QUEUE_URL, downloadSchema, download, groupOf(job));
      },
    });
    const { telegram } = bot;
    bot.botInfo = await whenAvailable(() => call(telegram, 'getMe', {}, signal), signal, log);

    const updates = new IdempotencyCache<number>(rememberedUpdates);
    const webhook = await startHttpServer({
      host: settings.HOST,
      port: settings.PORT,
      app: createWebhook({
        secret: webhookSecret,
        log,
        onRefusal: (reason) => metrics.webhookRefusals.inc({ reason }),
        handleUpdate: (update) => updates.run(update.update_id, () => bot.handleUpdate(update)),
      }),
    });
    if (settings.WEBHOOK_URL !== undefined) {
      waitingFor('waiting for Telegram to accept the webhook');
      const registration = webhookRegistration(settings.WEBHOOK_URL, webhookSecret, certificate);
      // Idempotent: every pod registers the same webhook when it starts.
      await registerWebhook(() => call(telegram, 'setWebhook', registration, signal), { signal, log });
    }
    const chats = {
      sqs,
      telegram,
      notifications: new NotificationLog(dynamoDb, table),
      pace: new ChatPace(),
      metrics,
      log,
    };
    const downloads = consumeDownloads({
      ...chats,
      admission,
      openJobs,
      queueUrl: settings.DOWNLOADS_QUEUE_URL,
      deadLetterQueueUrl: settings.DOWNLOADS_DEAD_LETTER_QUEUE_URL,
      async submit(job, image, abortSignal) {
        await images.put(job.pictureKey, image, 'application/octet-stream', abortSignal);
        await sendMessage(sqs, settings.JOBS_QUEUE_URL, jobSchema, job, { ...groupOf(job), abortSignal });
      },
    });
    const results = consumeResults({
      ...chats,
      images,
      admission,
      openJobs,
      queueUrl: settings.RESULTS_QUEUE_URL,
      deadLetterQueueUrl: settings.RESULTS_DEAD_LETTER_QUEUE_URL,
    });
    const reminders = consumeReminders({
      ...chats,
      queueUrl: settings.REMINDERS_QUEUE_URL,
      deadLetterQueueUrl: settings.REMINDERS_DEAD_LETTER_QUEUE_URL,
    });
    return {
      workers: [webhook, downloads, results, reminders],
      details: { webhook: settings.WEBHOOK_URL, port: webhook.port },
    };
  },
});
