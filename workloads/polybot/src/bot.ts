import { type Context, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import type { Message, UserFromGetMe } from 'telegraf/types';
import { createImageAcceptor, type ImageAcceptorDependencies } from './accept-image.ts';
import { commandOf, isForBot } from './addressed.ts';
import { type CommandDependencies, createCommands } from './commands.ts';
import { senderIdOf } from './sender.ts';
import { sendReply, TelegramRefusedError } from './telegram.ts';
import { wording } from './wording.ts';

export interface BotDependencies extends ImageAcceptorDependencies, Omit<CommandDependencies, 'admission'> {
  readonly apiRoot: string;
  readonly onMessage: (kind: 'picture' | 'other') => void;
}

/**
 * The handlers for every kind of message. A handler is done when the picture is in the queue of downloads; the answer follows when the
 * result arrives. `handleUpdate` rejects when the update should be delivered again.
 */
export function createBot(dependencies: BotDependencies): Telegraf {
  const { token, apiRoot, admission, onMessage, onRefusal, log } = dependencies;
  const bot = new Telegraf(token, { telegram: { apiRoot, webhookReply: false } });
  const accept = createImageAcceptor(dependencies);
  const commands = createCommands(dependencies);
  bot.catch((error) => {
    // Telegram would refuse the answer again, so delivering the update again would not help.
    if (!(error instanceof TelegramRefusedError)) throw error;
    log.warn({ err: error }, 'an answer was refused');
  });

  /** Answers what is no picture, within the sender's limit. */
  const answer =
    (textOf: (message: Message, me: UserFromGetMe) => string | Promise<string>) =>
    async ({ message: asked, telegram, botInfo }: Context) => {
      if (asked === undefined) return;
      onMessage('other');
      const reply = (text: string) => sendReply(telegram, { chatId: asked.chat.id, messageId: asked.message_id }, text);
      const sent = { userId: senderIdOf(asked), requestedAt: new Date(asked.date * 1000).toISOString() };
      if (await admission.admitText(sent)) return reply(await textOf(asked, botInfo));
      onRefusal('too-many-texts');
      await admission.tellOncePerMinute(sent, () => reply(wording.tooManyTexts));
    };

  bot.use(async (context, next) => {
    if (context.message !== undefined && isForBot(context.message, context.botInfo)) await next();
  });
  bot.on(
    message('text'),
    answer((asked, me) => {
      const command = commandOf(asked, me);
      return command === undefined || command === 'other' ? wording.text : commands[command](asked);
    }),
  );
  bot.on(message('photo'), async (context) => {
    onMessage('picture');
    // Telegram offers several sizes; the last one is the largest.
    const largest = context.message.photo.at(-1);
    if (largest !== undefined) await accept(context, context.message, largest);
  });
  // Before documents: an animation is one, too, for bots that do not know animations.
  bot.on(
    message('animation'),
    answer(() => wording.animation),
  );
  const refuseFile = answer(() => wording.otherFile);
  bot.on(message('document'), async (context) => {
    const { document } = context.message;
    if (!isImage(document)) return refuseFile(context);
    onMessage('picture');
    await accept(context, context.message, document);
  });
  for (const kind of ['sticker', 'video', 'video_note', 'voice', 'audio'] as const)
    bot.on(
      message(kind),
      answer(() => wording.text),
    );
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
