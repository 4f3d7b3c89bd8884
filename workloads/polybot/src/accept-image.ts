import type { Job } from '@stepkube/shared/contracts/messages.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Context } from 'telegraf';
import { quotaText } from './account-wording.ts';
import type { Admission } from './admission.ts';
import { maxFileBytes } from './download.ts';
import { jobOf } from './job.ts';
import { senderIdOf } from './sender.ts';
import { call, sendReply } from './telegram.ts';
import { tooManyText, wording } from './wording.ts';

export interface ImageAcceptorDependencies {
  readonly token: string;
  readonly admission: Admission;
  /** Queues the image's download, and before it the reminder. */
  readonly queueDownload: (job: Job, fileId: string) => Promise<void>;
  readonly onRefusal: (reason: RefusalReason) => void;
  readonly log: Log;
}

export type RefusalReason = 'too-many-a-minute' | 'quota' | 'too-many-texts';

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

/**
 * Accepts the images of messages: each ends in the queue of downloads, or its sender is told why not. Each image of an album comes in
 * a message of its own.
 *
 * When the returned function rejects, Telegram should deliver the message again.
 */
export function createImageAcceptor(dependencies: ImageAcceptorDependencies) {
  const { token, admission, queueDownload, onRefusal, log } = dependencies;

  return async ({ telegram }: Context, message: ImageMessage, file: SentFile): Promise<void> => {
    const { chat, message_id, date } = message;
    const replyTo = { chatId: chat.id, messageId: message_id };
    const reply = (text: string) => sendReply(telegram, replyTo, text);
    if ((file.file_size ?? 0) > maxFileBytes) return reply(wording.tooManyBytes);

    const job = jobOf({ token, ...replyTo, userId: senderIdOf(message), sentAtSeconds: date });
    const outcome = await admission.admit(job);
    if (outcome !== 'admitted') {
      onRefusal(outcome);
      log.info({ jobId: job.jobId, reason: outcome }, 'picture refused');
      const text =
        outcome === 'quota'
          ? quotaText(admission.quota)
          : tooManyText(admission.picturesPerMinute, admission.retryAfterSeconds);
      return admission.tellOncePerMinute(job, () => reply(text));
    }
    // The chat action is only a courtesy: nothing waits for it, and its failure has no consequences.
    call(telegram, 'sendChatAction', { chat_id: chat.id, action: 'upload_photo' }).catch((error: unknown) =>
      log.debug({ err: error }, 'the chat action was not shown'),
    );
    await queueDownload(job, file.file_id);
    log.info({ jobId: job.jobId }, 'picture accepted');
  };
}
