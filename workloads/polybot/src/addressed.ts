import type { Message, UserFromGetMe } from 'telegraf/types';

/** The bot's own commands. */
export const commands = ['start', 'help', 'privacy', 'usage', 'forget'] as const;
export type Command = (typeof commands)[number];

interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

interface AnyMessage {
  readonly chat: { readonly type: string };
  readonly text?: string;
  readonly caption?: string;
  readonly entities?: readonly Entity[];
  readonly caption_entities?: readonly Entity[];
  readonly photo?: unknown;
  readonly document?: { readonly mime_type?: string };
  readonly animation?: unknown;
  readonly is_automatic_forward?: boolean;
  readonly reply_to_message?: { readonly from?: { readonly id: number } };
}

/** The command at the beginning of a text, in any case; 'other' for another bot's or an unknown one, undefined for no command. */
export function commandOf(message: Message, me: UserFromGetMe): Command | 'other' | undefined {
  const { text = '', entities = [] } = message as AnyMessage;
  const entity = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0);
  if (entity === undefined) return undefined;
  const [name = '', bot] = text.slice(1, entity.length).toLowerCase().split('@');
  if (bot !== undefined && bot !== me.username.toLowerCase()) return 'other';
  return commands.find((command) => command === name) ?? 'other';
}

/**
 * Whether a message is for the bot. In a private chat everything is; elsewhere pictures, the bot's own commands, and what replies to
 * the bot or mentions it. What a channel posts into its discussion group is for nobody there.
 */
export function isForBot(message: Message, me: UserFromGetMe): boolean {
  const content = message as AnyMessage;
  if (content.chat.type === 'private') return true;
  if (content.is_automatic_forward === true) return false;
  const command = commandOf(message, me);
  if (command !== undefined) return command !== 'other';
  if (content.photo !== undefined) return true;
  if (content.animation === undefined && content.document?.mime_type?.startsWith('image/') === true) return true;
  return content.reply_to_message?.from?.id === me.id || mentions(content, me.username);
}

function mentions(message: AnyMessage, username: string): boolean {
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  return entities.some(
    ({ type, offset, length }) =>
      type === 'mention' && text.slice(offset, offset + length).toLowerCase() === `@${username.toLowerCase()}`,
  );
}
