import { resultSchema } from '@stepkube/shared/contracts/messages.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { visibilitySeconds } from '@stepkube/shared/queue/visibility.ts';
import type { ImageStore } from '@stepkube/shared/service/image-store.ts';
import type { Worker } from '@stepkube/shared/service/serve.ts';
import type { Admission } from './admission.ts';
import { answerResult, sayThatInterrupted } from './answer-result.ts';
import type { ChatQueueDependencies } from './chat-queue.ts';
import { deliver } from './deliver.ts';
import type { OpenJobs } from './open-jobs.ts';

interface ResultDependencies extends ChatQueueDependencies {
  readonly images: ImageStore;
  readonly admission: Pick<Admission, 'giveBack'>;
  readonly openJobs: OpenJobs;
}

/** Starts to answer the results of the queue, each job once. */
export function consumeResults(dependencies: ResultDependencies): Worker {
  const { telegram, images, notifications, pace, admission, openJobs, metrics, log } = dependencies;
  return new QueueConsumer({
    ...dependencies,
    attempts: attempts.results,
    schema: resultSchema,
    concurrency: 4,
    visibilitySeconds,
    drainSeconds: 20,
    onOutcome: (outcome) => metrics.queueMessages.inc({ queue: 'results', outcome }),
    async handle(result, signal) {
      const { jobId } = result;
      await openJobs.close(jobId, signal);
      const delivery = { jobId, chatId: result.replyTo.chatId, urgency: 'answer', pace, log } as const;
      const answer = (mayBeAnswered: boolean) => {
        const message = mayBeAnswered ? sayThatInterrupted : answerResult;
        return deliver(() => message({ result, telegram, images, signal }), delivery);
      };
      const kind = result.status === 'failed' ? 'failed' : 'answer';
      if (kind === 'failed') await admission.giveBack(jobId);
      const outcome = await notifications.notifyOnce(jobId, kind, answer, signal);
      if (outcome === undefined) return log.info({ jobId }, 'the job was answered before');
      metrics.answers.inc({ outcome });
      metrics.answerSeconds.observe((Date.now() - Date.parse(result.requestedAt)) / 1000);
      log.info({ jobId, outcome }, 'result answered');
    },
  }).start();
}
