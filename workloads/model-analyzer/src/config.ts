import {
  commonSettings,
  count,
  httpUrl,
  port,
  readEnvironment,
  required,
} from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const { HOST, LOG_LEVEL } = commonSettings;

/** What the events and their sums need; `rebuild` reads no more than this. */
const storeSettings = {
  LOG_LEVEL,
  EVENTS_TABLE: required('the name of the model-analyzer table'),
  /** Whole days that events and counts are kept after the end of their day. */
  RETENTION_DAYS: count(14, 90),
};

const storeSettingsSchema = z.object(storeSettings);

const settingsSchema = z.object({
  ...storeSettings,
  HOST,
  /** The API and the report. */
  PORT: port(8080),
  /** Probes and metrics; never reachable from outside of the cluster. */
  INTERNAL_PORT: port(9090),
  EVENTS_QUEUE_URL: httpUrl('the URL of the model-analyzer queue'),
  /** Events handled at the same time. Those of one model and day add to the same item and wait for each other. */
  CONCURRENCY: count(4, 16),
  /** An event that a killed pod had in hand comes back after this; it is extended while a pod works on it. */
  VISIBILITY_SECONDS: count(60, 43_200),
});

export type StoreSettings = Readonly<z.output<typeof storeSettingsSchema>>;
export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);

/** @throws InvalidEnvironmentError */
export const readStoreSettings = (environment: NodeJS.ProcessEnv): StoreSettings =>
  readEnvironment(storeSettingsSchema, environment);
