import { randomBytes } from 'node:crypto';
import { serve } from '@hono/node-server';
import { botApi } from './bot-api.ts';
import { Chat } from './chat.ts';
import { Person } from './person.ts';
import { type ResolveHost, WebhookSender } from './webhook.ts';

export interface TelegramOptions {
  /** The Bot API listens on a free port of this address. */
  readonly address: string;
  readonly resolveHost: ResolveHost;
  /** Wait before an update is delivered for the second time; doubled for each further one. @default 250 */
  readonly firstRetryDelayMilliseconds?: number;
}

const personId = 100_001;
const groupId = -1_001_000_000_002;
const you = { id: personId, is_bot: false, first_name: 'You' };
/** The `from` of all anonymous administrators. https://core.telegram.org/bots/api#message */
const groupAnonymousBot = { id: 1_087_968_824, is_bot: true, first_name: 'Group' };

/** Simulated Telegram: the Bot API for the bot, a private chat and a group. */
export interface Telegram {
  /** Base URL of the Bot API: the value of TELEGRAM_API_ROOT. */
  readonly apiRoot: string;
  /** The bot's token. Each run has its own; it is kept as secret as a real one. */
  readonly token: string;
  /** The secret_token of the bot's webhook; undefined before it is registered. */
  readonly webhookSecret: string | undefined;
  /** The person's private chat with the bot. */
  readonly chat: Chat;
  readonly person: Person;
  /** A group with the bot in it. */
  readonly group: Chat;
  /** The same person, in the group. */
  readonly member: Person;
  /** An administrator of the group who speaks in its name. */
  readonly anonymousAdmin: Person;
  stop(): Promise<void>;
}

export async function startTelegram({
  address,
  resolveHost,
  firstRetryDelayMilliseconds = 250,
}: TelegramOptions): Promise<Telegram> {
  const stopping = new AbortController();
  // In Telegram a person and the private chat with that person have the same id.
  const chat = new Chat(personId, 'private');
  const group = new Chat(groupId, 'supergroup');
  const sender = new WebhookSender(resolveHost, stopping.signal, firstRetryDelayMilliseconds);
  const token = newToken();
  const api = botApi([chat, group], sender, token);
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>((resolve) => {
    const server = serve({ fetch: api.fetch, hostname: address, port: 0 }, (info) =>
      resolve({ server, port: info.port }),
    );
  });
  return {
    apiRoot: `http://${address}:${port}`,
    token,
    get webhookSecret() {
      return sender.webhook?.secretToken;
    },
    chat,
    person: new Person(chat, sender, { from: you }),
    group,
    member: new Person(group, sender, { from: you }),
    anonymousAdmin: new Person(group, sender, { from: groupAnonymousBot, sender_chat: group.description }),
    stop: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** https://core.telegram.org/bots/api#authorizing-your-bot */
function newToken(): string {
  return `${randomBytes(4).readUInt32BE()}:AA${randomBytes(25).toString('base64url').slice(0, 33)}`;
}
