import { type Job, jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { PostponedError } from '@stepkube/shared/queue/postponed-error.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { visibilitySeconds } from '@stepkube/shared/queue/visibility.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import type { Worker } from '@stepkube/shared/service/serve.ts';
import { z } from 'zod';
import type { Admission } from './admission.ts';
import type { ChatQueueDependencies } from './chat-queue.ts';
import { deliver } from './deliver.ts';
import { downloadFile, FileTooLargeError } from './download.ts';
import type { OpenJobs } from './open-jobs.ts';
import { sendReply, TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';
import { wording } from './wording.ts';

/**
 * polybot sends itself a message for each picture that it has admitted, so that Telegram's call of the webhook waits for no download.
 *
 * Sample: {"version":1,"fileId":"AgACAgIAAxk...","job":{"version":1,"jobId":"9f2c...",...}}
 */
export const downloadSchema = z.object({
  version: z.literal(1),
  /** Telegram's `file_id`: of use only together with the bot's token. */
  fileId: z.string().min(1),
  job: jobSchema,
});

export interface DownloadDependencies extends ChatQueueDependencies {
  readonly admission: Pick<Admission, 'giveBack'>;
  readonly openJobs: OpenJobs;
  /** Stores the image and puts its job into the queue. */
  readonly submit: (job: Job, image: Buffer, signal: AbortSignal) => Promise<void>;
}

/** An image is in memory from its download until it is stored: the pod has room for this many of the largest ones. */
const maxImagesInMemory = 3;
/** Until a picture of a sender with enough open jobs is tried again. */
const waitSeconds = { min: 2, max: 5 };

/** Starts to download the pictures of the queue: each ends in the bucket and the jobs queue, or its sender is told why not. */
export function consumeDownloads(dependencies: DownloadDependencies): Worker {
  const { telegram, notifications, pace, admission, openJobs, submit, metrics, log } = dependencies;

  /** No answer will come: the sender is told, and the picture does not count. */
  const giveUp = async (job: Job, kind: 'answer' | 'failed', text: string, signal: AbortSignal) => {
    await admission.giveBack(job.jobId);
    await openJobs.close(job.jobId, signal);
    const { jobId, replyTo } = job;
    const tell = async () => {
      await sendReply(telegram, replyTo, text, signal);
      return 'told' as const;
    };
    const delivery = { jobId, chatId: replyTo.chatId, urgency: 'answer', pace, log } as const;
    await notifications.notifyOnce(jobId, kind, () => deliver(tell, delivery), signal);
  };

  return new QueueConsumer({
    ...dependencies,
    attempts: attempts.downloads,
    schema: downloadSchema,
    concurrency: maxImagesInMemory,
    visibilitySeconds,
    drainSeconds: 20,
    onOutcome: (outcome) => metrics.queueMessages.inc({ queue: 'downloads', outcome }),
    async handle({ job, fileId }, signal) {
      if (!(await openJobs.open(job, signal))) throw new PostponedError('the sender has enough open jobs', waitTime());
      let image: Buffer;
      try {
        image = await downloadFile(telegram, fileId, signal);
      } catch (error) {
        const text = refusalTextOf(error);
        if (text === undefined) throw error;
        log.info({ err: error, jobId: job.jobId }, 'picture not downloaded');
        return giveUp(job, 'answer', text, signal);
      }
      await submit(job, image, signal);
      log.info({ jobId: job.jobId }, 'picture stored');
    },
    onGivenUp: ({ job }, signal) => giveUp(job, 'failed', wording.failed, signal),
  }).start();
}

/** Random, so that those who wait together do not come back together. */
const waitTime = () => waitSeconds.min + Math.random() * (waitSeconds.max - waitSeconds.min);

/**
 * What the sender is told when another attempt would end the same.
 * @throws RetryableError when Telegram is unavailable or refuses the bot's token
 */
function refusalTextOf(error: unknown): string | undefined {
  if (error instanceof FileTooLargeError) return wording.tooManyBytes;
  if (error instanceof TelegramUnavailableError)
    throw new RetryableError('Telegram is not available', error.retryAfterSeconds ?? 0, { cause: error });
  if (!(error instanceof TelegramRefusedError)) return undefined;
  // A download answers 404 for a file that is gone; a method does so for a token that is wrong.
  if (error.refusal === 'token' && error.method !== 'download')
    throw new RetryableError('the token is refused', 0, { cause: error });
  return wording.unavailable;
}
