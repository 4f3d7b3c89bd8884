import { jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { visibilitySeconds } from '@stepkube/shared/queue/visibility.ts';
import type { Worker } from '@stepkube/shared/service/serve.ts';
import { z } from 'zod';
import type { ChatQueueDependencies } from './chat-queue.ts';
import { deliver } from './deliver.ts';
import { sendReply } from './telegram.ts';
import { wording } from './wording.ts';

/**
 * polybot sends itself a reminder with each job. The queue delivers it after a delay, to check whether the job was answered.
 *
 * Sample: {"version":1,"jobId":"9f2c...","replyTo":{"chatId":42,"messageId":7}}
 */
export const reminderSchema = z.object({
  version: z.literal(1),
  jobId: jobSchema.shape.jobId,
  replyTo: jobSchema.shape.replyTo,
});

/** Starts to tell people whose image is not answered in time that it takes longer. */
export function consumeReminders(dependencies: ChatQueueDependencies): Worker {
  const { telegram, notifications, pace, metrics, log } = dependencies;
  return new QueueConsumer({
    ...dependencies,
    attempts: attempts.reminders,
    schema: reminderSchema,
    concurrency: 4,
    visibilitySeconds,
    drainSeconds: 20,
    onOutcome: (outcome) => metrics.queueMessages.inc({ queue: 'reminders', outcome }),
    async handle({ jobId, replyTo }, signal) {
      const tell = async () => {
        await sendReply(telegram, replyTo, wording.late, signal);
        return 'told' as const;
      };
      const delivery = { jobId, chatId: replyTo.chatId, urgency: 'apology', pace, log } as const;
      const outcome = await notifications.notifyOnce(jobId, 'late', () => deliver(tell, delivery), signal);
      if (outcome === undefined) return;
      metrics.late.inc();
      log.warn({ jobId, outcome }, 'the job takes long');
    },
  }).start();
}
