import { Counter, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    eventMessages: new Counter({
      name: 'metering_event_messages_total',
      help: 'Messages of the events queue, by outcome: done, failed, given-up, malformed or returned',
      labelNames: ['outcome'] as const,
      registers,
    }),
    events: new Counter({
      name: 'metering_events_total',
      help: 'Events by type and outcome: stored, duplicate, expired, refused (the user is forgotten) or forgotten',
      labelNames: ['type', 'outcome'] as const,
      registers,
    }),
    eventSeconds: new Histogram({
      name: 'metering_event_seconds',
      help: 'Time to deal with one event',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    apiRequests: new Counter({
      name: 'metering_api_requests_total',
      help: 'Requests of the API, by route and status',
      labelNames: ['route', 'status'] as const,
      registers,
    }),
    apiSeconds: new Histogram({
      name: 'metering_api_seconds',
      help: 'Time to answer one request of the API',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}
