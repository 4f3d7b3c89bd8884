import { Counter, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    eventMessages: new Counter({
      name: 'model_analyzer_event_messages_total',
      help: 'Messages of the events queue, by outcome: done, failed, given-up, malformed or returned',
      labelNames: ['outcome'] as const,
      registers,
    }),
    events: new Counter({
      name: 'model_analyzer_events_total',
      help: 'Events by type and outcome: stored, duplicate or expired',
      labelNames: ['type', 'outcome'] as const,
      registers,
    }),
    eventSeconds: new Histogram({
      name: 'model_analyzer_event_seconds',
      help: 'Time to deal with one event',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    apiRequests: new Counter({
      name: 'model_analyzer_api_requests_total',
      help: 'Requests of the API and the report, by route and status',
      labelNames: ['route', 'status'] as const,
      registers,
    }),
  };
}
