import { Counter, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    messages: new Counter({
      name: 'polybot_messages_total',
      help: 'Messages from people, by kind: picture or other',
      labelNames: ['kind'] as const,
      registers,
    }),
    webhookRefusals: new Counter({
      name: 'polybot_webhook_refusals_total',
      help: 'Webhook calls that were not from Telegram or not an update, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    answers: new Counter({
      name: 'polybot_answers_total',
      help: 'Results that were dealt with, by outcome: answered, rejected, chat-closed or refused',
      labelNames: ['outcome'] as const,
      registers,
    }),
    resultMessages: new Counter({
      name: 'polybot_result_messages_total',
      help: 'Messages of the results queue, by outcome: done, failed, malformed or returned',
      labelNames: ['outcome'] as const,
      registers,
    }),
    answerSeconds: new Histogram({
      name: 'polybot_answer_seconds',
      help: 'Time from a picture accepted to its answer sent',
      buckets: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    }),
  };
}
