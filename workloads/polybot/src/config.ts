import { planNames } from '@stepkube/shared/contracts/plans.ts';
import {
  httpUrl,
  imagePipelineSettings,
  portNumber,
  readEnvironment,
  required,
  serviceSettings,
  wholeNumber,
} from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const settingsSchema = z.object({
  ...serviceSettings,
  ...imagePipelineSettings,
  RESULTS_DEAD_LETTER_QUEUE_URL: httpUrl("the URL of the results queue's dead letters"),
  /** The webhook, as plain HTTP: TLS ends in front of the pod. */
  PORT: portNumber(8080),
  /** Secrets Manager secret: JSON {token, webhookSecret?, certificate?}. */
  TELEGRAM_SECRET_ID: required('the name of the Secrets Manager secret with {token}'),
  /** polybot's own queue of pictures to download. */
  DOWNLOADS_QUEUE_URL: httpUrl('the URL of the downloads queue'),
  DOWNLOADS_DEAD_LETTER_QUEUE_URL: httpUrl("the URL of the downloads queue's dead letters"),
  /** A queue whose delivery delay is the time after which an answer is late. */
  REMINDERS_QUEUE_URL: httpUrl('the URL of the reminders queue'),
  REMINDERS_DEAD_LETTER_QUEUE_URL: httpUrl("the URL of the reminders queue's dead letters"),
  /** What was sent about each job, and the counters of PLAN and PICTURES_PER_MINUTE. */
  NOTIFICATION_LOG_TABLE: required('the name of the notification log table'),
  /** The plan of every user. */
  PLAN: z.enum(planNames, { error: `must be one of ${planNames.join(', ')}` }).default('free'),
  /** Limit for one sender. */
  PICTURES_PER_MINUTE: wholeNumber(60, 600),
  METERING_URL: httpUrl('the URL of metering, such as http://metering.stepkube.svc.cluster.local'),
  /** After how many days pictures and events are deleted. Only /privacy states them: the bucket and the tables enforce them. */
  PICTURES_DAYS: wholeNumber(1, 30),
  EVENTS_DAYS: wholeNumber(14, 90),
  TELEGRAM_API_ROOT: httpUrl('the URL of the Telegram Bot API').default('https://api.telegram.org'),
  /** Public URL of the webhook. Without it no webhook is registered, and updates must be posted to the port by other means. */
  WEBHOOK_URL: z
    .url({ protocol: /^https$/, error: 'must be an https URL such as https://bot.example.com/telegram' })
    .optional(),
});

export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);
