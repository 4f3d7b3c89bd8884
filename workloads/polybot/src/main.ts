import '@stepkube/shared/service/early-signals.ts';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { createEventPublisher } from '@stepkube/shared/events/event-publisher.ts';
import { sendMessage } from '@stepkube/shared/queue/send-message.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { createDynamoDbClient } from '@stepkube/shared/service/dynamo-db.ts';
import { startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { ImageStore } from '@stepkube/shared/service/image-store.ts';
import { serve } from '@stepkube/shared/service/serve.ts';
import { createBot } from './bot.ts';
import { readSettings } from './config.ts';
import { IdempotencyCache } from './idempotency-cache.ts';
import { groupIdOf } from './job.ts';
import { createMetrics } from './metrics.ts';
import { NotificationLog } from './notification-log.ts';
import { RateLimiter } from './rate-limiter.ts';
import { registerWebhook, webhookRegistration } from './register-webhook.ts';
import { consumeReminders, reminderSchema } from './reminders.ts';
import { consumeResults } from './results.ts';
import { call, whenAvailable } from './telegram.ts';
import { readTelegramSecret } from './telegram-secret.ts';
import { readUsage } from './usage.ts';
import { createWebhook } from './webhook.ts';

/** Telegram delivers an update again when it got no answer: so many updates are recognized as duplicates. */
const rememberedUpdates = 10_000;

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
    const { NOTIFICATION_LOG_TABLE: table, PICTURES_PER_MINUTE: picturesPerMinute } = settings;
    const bot = createBot({
      token,
      apiRoot: settings.TELEGRAM_API_ROOT,
      log,
      rateLimiter: new RateLimiter({ dynamoDb, table, token, picturesPerMinute }),
      onRefusal: (reason) => metrics.refusals.inc({ reason }),
      readUsage: (userId) => readUsage(settings.METERING_URL, userId),
      forget: (event) => publish('UserForgotten', event),
      retention: { picturesDays: settings.PICTURES_DAYS, eventsDays: settings.EVENTS_DAYS },
      onMessage: (kind) => metrics.messages.inc({ kind }),
      async submit(job, image) {
        await images.put(job.pictureKey, image, 'application/octet-stream');
        const { version, jobId, replyTo } = job;
        await Promise.all([
          // One sender's many pictures wait behind each other, not in front of everybody else's.
          sendMessage(sqs, settings.JOBS_QUEUE_URL, jobSchema, job, { groupId: groupIdOf(token, job.userId) }),
          sendMessage(sqs, settings.REMINDERS_QUEUE_URL, reminderSchema, { version, jobId, replyTo }),
        ]);
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
    const chats = { sqs, telegram, notifications: new NotificationLog(dynamoDb, table), metrics, log };
    const results = consumeResults({
      ...chats,
      images,
      queueUrl: settings.RESULTS_QUEUE_URL,
      deadLetterQueueUrl: settings.RESULTS_DEAD_LETTER_QUEUE_URL,
    });
    const reminders = consumeReminders({
      ...chats,
      queueUrl: settings.REMINDERS_QUEUE_URL,
      deadLetterQueueUrl: settings.REMINDERS_DEAD_LETTER_QUEUE_URL,
    });
    return {
      workers: [webhook, results, reminders],
      details: { webhook: settings.WEBHOOK_URL, port: webhook.port },
    };
  },
});
