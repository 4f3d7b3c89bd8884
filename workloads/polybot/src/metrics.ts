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
      help: 'Webhook calls that were not from Telegram, or whose update can never be handled, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'polybot_refusals_total',
      help: 'Pictures and texts that were not taken, by reason: too-many-a-minute, quota or too-many-texts',
      labelNames: ['reason'] as const,
      registers,
    }),
    late: new Counter({
      name: 'polybot_late_total',
      help: 'People who were told that their picture takes longer',
      registers,
    }),
    answers: new Counter({
      name: 'polybot_answers_total',
      help: 'Results that were dealt with, by outcome: answered, rejected, failed, chat-closed or refused',
      labelNames: ['outcome'] as const,
      registers,
    }),
    queueMessages: new Counter({
      name: 'polybot_queue_messages_total',
      help: 'Messages by queue (downloads, results or reminders) and outcome: done, failed, given-up, malformed, returned or postponed',
      labelNames: ['queue', 'outcome'] as const,
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
