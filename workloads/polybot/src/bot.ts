import type { EventDetail } from '@stepkube/shared/events/events.ts';
import { type Context, type NarrowedContext, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import type { Message, Update } from 'telegraf/types';
import { createImageAcceptor, type ImageAcceptorDependencies } from './accept-image.ts';
import { accountWording, privacyText, type Retention, usageText } from './account-wording.ts';
import { type Command, commandOf, isForBot } from './addressed.ts';
import { userForgottenOf } from './forget-event.ts';
import { senderIdOf } from './sender.ts';
import { sendReply, TelegramRefusedError } from './telegram.ts';
import { UsageUnavailableError } from './usage.ts';
import { wording } from './wording.ts';

export interface BotDependencies extends ImageAcceptorDependencies {
  readonly apiRoot: string;
  readonly forget: (event: EventDetail<'UserForgotten'>) => Promise<void>;
  readonly retention: Retention;
  readonly onMessage: (kind: 'picture' | 'other') => void;
}

type TextContext = NarrowedContext<Context, Update.MessageUpdate<Message.TextMessage>>;

/**
 * The handlers for every kind of message. A handler is done when the job is in the queue; the answer follows when the result
 * arrives. `handleUpdate` rejects when the update should be delivered again.
 */
export function createBot(dependencies: BotDependencies): Telegraf {
  const { token, apiRoot, log, onMessage, readUsage, forget, retention } = dependencies;
  const bot = new Telegraf(token, { telegram: { apiRoot, webhookReply: false } });
  const accept = createImageAcceptor(dependencies);
  bot.catch((error) => {
    // Telegram would refuse the answer again, so delivering the update again would not help.
    if (!(error instanceof TelegramRefusedError)) throw error;
    log.warn({ err: error }, 'an answer was refused');
  });

  const reply = async ({ chat, message: asked, telegram }: Context, text: string) => {
    if (chat === undefined || asked === undefined) return;
    await sendReply(telegram, { chatId: chat.id, messageId: asked.message_id }, text);
  };
  const answer = (text: string) => async (context: Context) => {
    onMessage('other');
    await reply(context, text);
  };

  const handlers: Readonly<Record<Command, (context: TextContext) => Promise<void>>> = {
    start: answer(wording.start),
    help: answer(wording.help),
    privacy: answer(privacyText(retention)),
    usage: async (context) => {
      onMessage('other');
      const text = await readUsage(senderIdOf(context.message)).then(usageText, (error: unknown) => {
        if (!(error instanceof UsageUnavailableError)) throw error;
        log.warn({ err: error }, 'the usage could not be shown');
        return accountWording.usageUnavailable;
      });
      await reply(context, text);
    },
    forget: async (context) => {
      onMessage('other');
      const { chat, message_id, date } = context.message;
      const userId = senderIdOf(context.message);
      // Confirmed only when the bus has the event: until then Telegram delivers the message again.
      await forget(userForgottenOf({ token, chatId: chat.id, messageId: message_id, userId, sentAtSeconds: date }));
      await reply(context, accountWording.forgotten);
    },
  };
  bot.use(async (context, next) => {
    if (context.message !== undefined && isForBot(context.message, context.botInfo)) await next();
  });
  bot.on(message('text'), async (context) => {
    const command = commandOf(context.message, context.botInfo);
    if (command === undefined || command === 'other') await answer(wording.text)(context);
    else await handlers[command](context);
  });
  bot.on(message('photo'), async (context) => {
    onMessage('picture');
    // Telegram offers several sizes; the last one is the largest.
    const largest = context.message.photo.at(-1);
    if (largest !== undefined) await accept(context, context.message, largest);
  });
  // Before documents: an animation is one, too, for bots that do not know animations.
  bot.on(message('animation'), answer(wording.animation));
  bot.on(message('document'), async (context) => {
    const { document } = context.message;
    if (!isImage(document)) return answer(wording.otherFile)(context);
    onMessage('picture');
    await accept(context, context.message, document);
  });
  for (const kind of ['sticker', 'video', 'video_note', 'voice', 'audio'] as const)
    bot.on(message(kind), answer(wording.text));
  return bot;
}

const imageName = /\.(?:jpe?g|jfif|jpe|png|webp|gif|tiff?|avif|hei[cf])$/i;

/** By the media type or name that the sender's app states; without both, yolo5 looks: it checks the actual content anyway. */
function isImage(document: { readonly mime_type?: string; readonly file_name?: string }): boolean {
  const { mime_type: type, file_name: name } = document;
  if (type?.startsWith('image/') || imageName.test(name ?? '')) return true;
  const statesType = type !== undefined && type !== 'application/octet-stream';
  return !statesType && !name?.includes('.');
}
