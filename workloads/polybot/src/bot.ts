import { type Context, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import type { Job } from '../../shared/contracts.ts';
import type { EventDetail } from '../../shared/events.ts';
import type { Log } from '../../shared/logger.ts';
import { Turns } from '../../shared/turns.ts';
import type { UsageAnswer } from '../../shared/usage-api.ts';
import { accountWording, privacyText, type Retention, usageText } from './account-wording.ts';
import { downloadFile, FileTooLargeError, largestFileBytes } from './download.ts';
import { forgottenOf } from './forget.ts';
import { jobOf } from './job.ts';
import { call, TelegramRefusedError } from './telegram.ts';
import { UsageUnavailableError } from './usage.ts';
import { wording } from './wording.ts';

export interface BotOptions {
  readonly token: string;
  readonly apiRoot: string;
  /** Stores the picture and puts its job into the queue. */
  readonly submit: (job: Job, picture: Buffer) => Promise<void>;
  /** @throws UsageUnavailableError */
  readonly readUsage: (userId: number) => Promise<UsageAnswer>;
  readonly forget: (event: EventDetail<'UserForgotten'>) => Promise<void>;
  readonly retention: Retention;
  readonly onMessage: (kind: 'picture' | 'other') => void;
  readonly log: Log;
}

/** A picture is in memory from its download until it is stored: this many of the largest fit into the pod. */
const picturesInMemory = 3;

/**
 * What the bot does with a message. A handler ends when the job is in the queue; the answer is sent when its result
 * comes. Errors go up to whoever delivered the update.
 */
export function createBot(options: BotOptions): Telegraf {
  const { submit, log, onMessage } = options;
  const bot = new Telegraf(options.token, { telegram: { apiRoot: options.apiRoot, webhookReply: false } });
  const turns = new Turns(picturesInMemory);
  bot.catch((error) => {
    throw error;
  });

  const say = async (context: Context, text: string) => {
    const { chat, message: asked } = context;
    if (chat === undefined || asked === undefined) return;
    const parameters = { message_id: asked.message_id, allow_sending_without_reply: true };
    try {
      await call(context.telegram, 'sendMessage', { chat_id: chat.id, text, reply_parameters: parameters });
    } catch (error) {
      // Telegram would refuse it again; delivering the update once more helps nobody.
      if (!(error instanceof TelegramRefusedError)) throw error;
      log.warn({ err: error }, 'an answer was refused');
    }
  };
  const answer = (text: string) => async (context: Context) => {
    onMessage('other');
    await say(context, text);
  };

  const look = async (
    context: Context,
    file: { readonly file_id: string; readonly file_size?: number | undefined },
  ) => {
    const { chat, message: asked } = context;
    if (chat === undefined || asked === undefined) return;
    onMessage('picture');
    if ((file.file_size ?? 0) > largestFileBytes) return say(context, wording.tooManyBytes);
    // Only a courtesy: the picture does not wait for it, and nothing is lost without it.
    const acknowledged = call(context.telegram, 'sendChatAction', { chat_id: chat.id, action: 'upload_photo' }).catch(
      (error: unknown) => log.debug({ err: error }, 'the chat action was not shown'),
    );
    const job = jobOf(subjectOf(options.token, asked));
    try {
      await turns.take(async () => submit(job, await downloadFile(context.telegram, file.file_id)));
      log.info({ jobId: job.jobId }, 'picture accepted');
    } catch (error) {
      if (error instanceof FileTooLargeError) await say(context, wording.tooManyBytes);
      else if (error instanceof TelegramRefusedError) await say(context, wording.unavailable);
      else throw error;
    }
    await acknowledged;
  };

  bot.start(answer(wording.start));
  bot.help(answer(wording.help));
  bot.command('privacy', answer(privacyText(options.retention)));
  bot.command('usage', async (context) => {
    onMessage('other');
    const text = await options.readUsage(context.message.from.id).then(usageText, (error: unknown) => {
      if (!(error instanceof UsageUnavailableError)) throw error;
      log.warn({ err: error }, 'the usage could not be shown');
      return accountWording.usageUnavailable;
    });
    await say(context, text);
  });
  bot.command('forget', async (context) => {
    onMessage('other');
    // Said only once the bus has it: until then Telegram delivers the message again.
    await options.forget(forgottenOf(subjectOf(options.token, context.message)));
    await say(context, accountWording.forgotten);
  });
  bot.on(message('photo'), (context) => {
    // Telegram offers several sizes: the last one is the largest.
    const largest = context.message.photo.at(-1);
    return largest === undefined ? undefined : look(context, largest);
  });
  bot.on(message('document'), (context) => {
    const { document } = context.message;
    return isPicture(document) ? look(context, document) : answer(wording.otherFile)(context);
  });
  for (const kind of ['text', 'sticker', 'video', 'video_note', 'voice', 'audio'] as const)
    bot.on(message(kind), answer(wording.text));
  return bot;
}

/** What ids derive from: who sent which message where, and when. */
function subjectOf(token: string, { chat, message_id, from, date }: NonNullable<Context['message']>) {
  return { token, chatId: chat.id, messageId: message_id, userId: from.id, sentAtSeconds: date };
}

/** By what the sender's program says; what the bytes are is for yolo5 to find out. */
function isPicture(document: { readonly mime_type?: string; readonly file_name?: string }): boolean {
  return (
    document.mime_type?.startsWith('image/') === true ||
    /\.(?:jpe?g|png|webp|gif|tiff?|avif)$/i.test(document.file_name ?? '')
  );
}
