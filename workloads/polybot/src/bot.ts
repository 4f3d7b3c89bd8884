import type { EventDetail } from '@stepkube/shared/events/events.ts';
import { type Context, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import { type AcceptPictureOptions, pictureAcceptor } from './accept-picture.ts';
import { accountWording, privacyText, type Retention, usageText } from './account-wording.ts';
import { forgottenOf } from './forget.ts';
import { sendReply, TelegramRefusedError } from './telegram.ts';
import { UsageUnavailableError } from './usage.ts';
import { wording } from './wording.ts';

export interface BotOptions extends AcceptPictureOptions {
  readonly apiRoot: string;
  readonly forget: (event: EventDetail<'UserForgotten'>) => Promise<void>;
  readonly retention: Retention;
  readonly onMessage: (kind: 'picture' | 'other') => void;
}

/**
 * What the bot does with a message. A handler ends when the job is in the queue; the answer is sent when its result
 * comes. Errors go up to whoever delivered the update.
 */
export function createBot(options: BotOptions): Telegraf {
  const { token, log, onMessage } = options;
  const bot = new Telegraf(token, { telegram: { apiRoot: options.apiRoot, webhookReply: false } });
  const accept = pictureAcceptor(options);
  bot.catch((error) => {
    // Telegram would refuse the answer again; delivering the update once more helps nobody.
    if (!(error instanceof TelegramRefusedError)) throw error;
    log.warn({ err: error }, 'an answer was refused');
  });

  const say = async ({ chat, message: asked, telegram }: Context, text: string) => {
    if (chat === undefined || asked === undefined) return;
    await sendReply(telegram, { chatId: chat.id, messageId: asked.message_id }, text);
  };
  const answer = (text: string) => async (context: Context) => {
    onMessage('other');
    await say(context, text);
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
    const { chat, message_id, from, date } = context.message;
    // Said only once the bus has it: until then Telegram delivers the message again.
    await options.forget(
      forgottenOf({ token, chatId: chat.id, messageId: message_id, userId: from.id, sentAtSeconds: date }),
    );
    await say(context, accountWording.forgotten);
  });
  bot.on(message('photo'), async (context) => {
    onMessage('picture');
    // Telegram offers several sizes: the last one is the largest.
    const largest = context.message.photo.at(-1);
    if (largest !== undefined) await accept(context, context.message, largest);
  });
  bot.on(message('document'), async (context) => {
    const { document } = context.message;
    if (!isPicture(document)) return answer(wording.otherFile)(context);
    onMessage('picture');
    await accept(context, context.message, document);
  });
  for (const kind of ['text', 'sticker', 'video', 'video_note', 'voice', 'audio'] as const)
    bot.on(message(kind), answer(wording.text));
  return bot;
}

/** By what the sender's program says; what the bytes are is for yolo5 to find out. */
function isPicture(document: { readonly mime_type?: string; readonly file_name?: string }): boolean {
  return (
    document.mime_type?.startsWith('image/') === true ||
    /\.(?:jpe?g|png|webp|gif|tiff?|avif)$/i.test(document.file_name ?? '')
  );
}
