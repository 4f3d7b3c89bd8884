import { httpUrl, logLevel, portNumber, required, serviceSettings, wholeNumber } from '../service/environment.ts';

/** What the event store of a consumer needs; the `rebuild` command reads no more than this. */
export const eventStoreSettings = (service: string) => ({
  LOG_LEVEL: logLevel,
  EVENTS_TABLE: required(`the name of the ${service} table`),
  /** Whole days for which events and projections are kept after the end of their day. */
  RETENTION_DAYS: wholeNumber(14, 90),
});

/** Settings of a service that consumes events and answers questions about them over HTTP. */
export const eventConsumerSettings = (service: string) => ({
  ...eventStoreSettings(service),
  ...serviceSettings,
  /** The API. */
  PORT: portNumber(8080),
  EVENTS_QUEUE_URL: httpUrl(`the URL of the ${service} queue`),
  EVENTS_DEAD_LETTER_QUEUE_URL: httpUrl(`the URL of the ${service} queue's dead letters`),
  /** Events handled at the same time. Those of one partition and day update the same item and wait for each other. */
  CONCURRENCY: wholeNumber(4, 16),
  /** The events of a killed pod become visible again after this; it is extended while a pod handles them. */
  VISIBILITY_SECONDS: wholeNumber(60, 43_200),
});
