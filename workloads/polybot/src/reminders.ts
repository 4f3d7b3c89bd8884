import type { SQSClient } from '@aws-sdk/client-sqs';
import { jobSchema } from '@stepkube/shared/contracts/contracts.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Telegram } from 'telegraf';
import { z } from 'zod';
import { deliver } from './deliver.ts';
import type { Metrics } from './metrics.ts';
import type { Ledger } from './notification-log.ts';
import { sendReply } from './telegram.ts';
import { wording } from './wording.ts';

/**
 * What polybot tells itself with each job: to look, when the queue lets it through, whether the job was answered.
 *
 * Sample: {"version":1,"jobId":"9f2c...","replyTo":{"chatId":42,"messageId":7}}
 */
export const reminderSchema = z.object({
  version: z.literal(1),
  jobId: jobSchema.shape.jobId,
  replyTo: jobSchema.shape.replyTo,
});

type Reminder = z.infer<typeof reminderSchema>;

/** From now on tells people whose picture takes too long that it does. */
export function consumeReminders(options: {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly telegram: Telegram;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly log: Log;
}): QueueConsumer<Reminder> {
  const { sqs, queueUrl, telegram, ledger, metrics, log } = options;
  const consumer = new QueueConsumer({
    sqs,
    queueUrl,
    attempts: attempts.reminders,
    schema: reminderSchema,
    concurrency: 4,
    visibilitySeconds: 60,
    drainSeconds: 20,
    log,
    onOutcome: (outcome) => metrics.queueMessages.inc({ queue: 'reminders', outcome }),
    async handle({ jobId, replyTo }, signal) {
      const tell = async () => {
        await sendReply(telegram, replyTo, wording.late, signal);
        return 'told' as const;
      };
      const outcome = await ledger.say(jobId, 'late', () => deliver(tell, { jobId, log }), signal);
      if (outcome === undefined) return;
      metrics.late.inc();
      log.warn({ jobId, outcome }, 'the job takes long');
    },
  });
  consumer.start();
  return consumer;
}
