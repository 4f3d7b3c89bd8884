import type { Job } from '@stepkube/shared/contracts/contracts.ts';
import type { UsageAnswer } from '@stepkube/shared/contracts/usage-api.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { Turns } from '@stepkube/shared/service/semaphore.ts';
import type { Context } from 'telegraf';
import { quotaText } from './account-wording.ts';
import type { Admission } from './admission.ts';
import { downloadFile, FileTooLargeError, largestFileBytes } from './download.ts';
import { jobOf } from './job.ts';
import { call, sendReply, TelegramRefusedError } from './telegram.ts';
import { UsageUnavailableError } from './usage.ts';
import { tooManyText, wording } from './wording.ts';

export interface AcceptPictureOptions {
  readonly token: string;
  readonly admission: Admission;
  /** Stores the picture and puts its job into the queue. */
  readonly submit: (job: Job, picture: Buffer) => Promise<void>;
  /** @throws UsageUnavailableError */
  readonly readUsage: (userId: number) => Promise<UsageAnswer>;
  readonly onRefusal: (reason: 'too-many-a-minute' | 'quota') => void;
  readonly log: Log;
}

/** What Telegram says of a photo's size or a document. */
export interface SentFile {
  readonly file_id: string;
  readonly file_size?: number | undefined;
}

/** A message with a picture in it. */
export interface PictureMessage {
  readonly chat: { readonly id: number };
  readonly message_id: number;
  readonly from: { readonly id: number };
  /** Seconds since 1970. */
  readonly date: number;
}

/** A picture is in memory from its download until it is stored: this many of the largest fit into the pod. */
const picturesInMemory = 3;

/**
 * Takes pictures: one ends in the bucket and the queue, or its sender is told why not. Each picture of an album comes as
 * a message of its own.
 *
 * What the returned function throws is worth delivering the message again for.
 */
export function pictureAcceptor(options: AcceptPictureOptions) {
  const { admission, submit, readUsage, onRefusal, log } = options;
  const turns = new Turns(picturesInMemory);

  /** The quota when it is used up. While metering is away nobody is refused: what is sent is counted later. */
  const usedUpQuota = async (userId: number) => {
    try {
      const { quota } = await readUsage(userId);
      return quota.remaining > 0 ? undefined : quota;
    } catch (error) {
      if (!(error instanceof UsageUnavailableError)) throw error;
      log.warn({ err: error }, 'a picture is taken without a look at the quota');
      return undefined;
    }
  };

  return async ({ telegram }: Context, message: PictureMessage, file: SentFile): Promise<void> => {
    const { chat, message_id, from, date } = message;
    const replyTo = { chatId: chat.id, messageId: message_id };
    const say = (text: string) => sendReply(telegram, replyTo, text);
    if ((file.file_size ?? 0) > largestFileBytes) return say(wording.tooManyBytes);

    const job = jobOf({ token: options.token, ...replyTo, userId: from.id, sentAtSeconds: date });
    const refuse = async (reason: Parameters<typeof onRefusal>[0], text: string) => {
      onRefusal(reason);
      log.info({ jobId: job.jobId, reason }, 'picture refused');
      await admission.tellOnce(job.userId, () => say(text));
    };
    const admitted = await admission.admit(job);
    if (!admitted) {
      const { picturesPerMinute, retryAfterSeconds } = admission;
      return refuse('too-many-a-minute', tooManyText(picturesPerMinute, retryAfterSeconds));
    }
    // Only a courtesy: the picture does not wait for it, and nothing is lost without it.
    const acknowledged = call(telegram, 'sendChatAction', { chat_id: chat.id, action: 'upload_photo' }).catch(
      (error: unknown) => log.debug({ err: error }, 'the chat action was not shown'),
    );
    try {
      await turns.take(async () => {
        const [quota, picture] = await Promise.all([usedUpQuota(from.id), downloadFile(telegram, file.file_id)]);
        if (quota !== undefined) return refuse('quota', quotaText(quota));
        await submit(job, picture);
        log.info({ jobId: job.jobId }, 'picture accepted');
      });
    } catch (error) {
      if (error instanceof FileTooLargeError) await say(wording.tooManyBytes);
      else if (error instanceof TelegramRefusedError) await say(wording.unavailable);
      else throw error;
    }
    await acknowledged;
  };
}
