import { eventConsumerSettings, eventStoreSettings } from '@stepkube/shared/events/consumer-settings.ts';
import { readEnvironment } from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const storeSettingsSchema = z.object(eventStoreSettings('metering'));

const settingsSchema = z.object(eventConsumerSettings('metering'));

export type StoreSettings = Readonly<z.output<typeof storeSettingsSchema>>;
export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);

/** @throws InvalidEnvironmentError */
export const readStoreSettings = (environment: NodeJS.ProcessEnv): StoreSettings =>
  readEnvironment(storeSettingsSchema, environment);
