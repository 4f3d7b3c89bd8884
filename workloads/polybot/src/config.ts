import {
  commonSettings,
  count,
  httpUrl,
  port,
  readEnvironment,
  required,
} from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const settingsSchema = z.object({
  ...commonSettings,
  /** Where Telegram's calls arrive, as plain HTTP: TLS ends in front of the pod. */
  PORT: port(8080),
  /** Probes and metrics; never reachable from outside of the cluster. */
  INTERNAL_PORT: port(9090),
  /** Secrets Manager secret: JSON {token, webhookSecret, certificate?}. */
  TELEGRAM_SECRET_ID: required('the name of the Secrets Manager secret with {token, webhookSecret}'),
  /** A queue that delivers after the time that an answer may take. */
  REMINDERS_QUEUE_URL: httpUrl('the URL of the reminders queue'),
  /** What was said about which job, and the counters of PICTURES_PER_MINUTE. */
  LEDGER_TABLE: required('the name of the ledger table'),
  /** What one person may send in a minute. */
  PICTURES_PER_MINUTE: count(60, 600),
  /** The bus that takes UserForgotten. */
  EVENT_BUS_NAME: required('the name of the event bus'),
  METERING_URL: httpUrl('the URL of metering, such as http://metering.stepkube.svc.cluster.local'),
  /** What /privacy tells: after how many days pictures and events are deleted. Others delete them. */
  PICTURES_DAYS: count(1, 30),
  EVENTS_DAYS: count(14, 90),
  TELEGRAM_API_ROOT: httpUrl('the URL of the Telegram Bot API').default('https://api.telegram.org'),
  /** Public URL of the webhook. Without it no webhook is registered and updates must be delivered by other means. */
  WEBHOOK_URL: z
    .url({ protocol: /^https$/, error: 'must be an https URL such as https://bot.example.com/telegram' })
    .optional(),
});

export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);
