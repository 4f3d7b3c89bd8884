import type { Job } from '@stepkube/shared/contracts/messages.ts';
import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import type { Context } from 'telegraf';
import { quotaText } from './account-wording.ts';
import { downloadFile, FileTooLargeError, maxFileBytes } from './download.ts';
import { jobOf } from './job.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { senderIdOf } from './sender.ts';
import { call, sendReply, TelegramRefusedError } from './telegram.ts';
import { UsageUnavailableError } from './usage.ts';
import { tooManyText, wording } from './wording.ts';

export interface ImageAcceptorDependencies {
  readonly token: string;
  readonly rateLimiter: RateLimiter;
  /** Stores the image and puts its job into the queue. */
  readonly submit: (job: Job, image: Buffer) => Promise<void>;
  /** @throws UsageUnavailableError */
  readonly readUsage: (userId: string) => Promise<UsageResponse>;
  readonly onRefusal: (reason: RefusalReason) => void;
  readonly log: Log;
}

export type RefusalReason = 'too-many-a-minute' | 'quota';

/** A photo's size or a document, as Telegram describes it. */
export interface SentFile {
  readonly file_id: string;
  readonly file_size?: number | undefined;
}

/** A message with a photo or an image file. */
export interface ImageMessage {
  readonly chat: { readonly id: number };
  readonly message_id: number;
  readonly from?: { readonly id: number } | undefined;
  readonly sender_chat?: { readonly id: number } | undefined;
  /** Unix seconds. */
  readonly date: number;
}

/** An image is in memory from its download until it is stored: the pod has room for this many of the largest ones. */
const maxImagesInMemory = 3;

/**
 * Accepts the images of messages: each ends in the bucket and the queue, or its sender is told why not. Each image of an
 * album comes in a message of its own.
 *
 * When the returned function rejects, Telegram should deliver the message again.
 */
export function createImageAcceptor(dependencies: ImageAcceptorDependencies) {
  const { rateLimiter, submit, readUsage, onRefusal, log } = dependencies;
  const semaphore = new Semaphore(maxImagesInMemory);

  /** The quota if it is used up. While metering is unavailable nobody is refused; their images are counted later. */
  const exhaustedQuota = async (userId: string) => {
    try {
      const { quota } = await readUsage(userId);
      return quota.remaining > 0 ? undefined : quota;
    } catch (error) {
      if (!(error instanceof UsageUnavailableError)) throw error;
      log.warn({ err: error }, 'a picture is taken without a look at the quota');
      return undefined;
    }
  };

  return async ({ telegram }: Context, message: ImageMessage, file: SentFile): Promise<void> => {
    const { chat, message_id, date } = message;
    const replyTo = { chatId: chat.id, messageId: message_id };
    const reply = (text: string) => sendReply(telegram, replyTo, text);
    if ((file.file_size ?? 0) > maxFileBytes) return reply(wording.tooManyBytes);

    const job = jobOf({ token: dependencies.token, ...replyTo, userId: senderIdOf(message), sentAtSeconds: date });
    const refuse = async (reason: RefusalReason, text: string) => {
      onRefusal(reason);
      log.info({ jobId: job.jobId, reason }, 'picture refused');
      await rateLimiter.tellOncePerMinute(job, () => reply(text));
    };
    const admitted = await rateLimiter.admit(job);
    if (!admitted) {
      const { picturesPerMinute, retryAfterSeconds } = rateLimiter;
      return refuse('too-many-a-minute', tooManyText(picturesPerMinute, retryAfterSeconds));
    }
    // The chat action is only a courtesy: the image does not wait for it, and its failure has no consequences.
    const acknowledged = call(telegram, 'sendChatAction', { chat_id: chat.id, action: 'upload_photo' }).catch(
      (error: unknown) => log.debug({ err: error }, 'the chat action was not shown'),
    );
    try {
      await semaphore.run(async () => {
        const [quota, image] = await Promise.all([exhaustedQuota(job.userId), downloadFile(telegram, file.file_id)]);
        if (quota !== undefined) return refuse('quota', quotaText(quota));
        await submit(job, image);
        log.info({ jobId: job.jobId }, 'picture accepted');
      });
    } catch (error) {
      if (error instanceof FileTooLargeError) await reply(wording.tooManyBytes);
      else if (error instanceof TelegramRefusedError) await reply(wording.unavailable);
      else throw error;
    }
    await acknowledged;
  };
}
