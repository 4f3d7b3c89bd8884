import { randomBytes } from 'node:crypto';
import { serve } from '@hono/node-server';
import { botApi } from './bot-api.ts';
import { Chat } from './chat.ts';
import { Person } from './person.ts';
import { type ResolveHost, WebhookSender } from './webhook.ts';

/** Telegram, played by the twin: the Bot API for the bot, a chat for the person. */
export interface Telegram {
  /** What TELEGRAM_API_ROOT is set to. */
  readonly apiRoot: string;
  /** The bot's token, new for every run; a secret like the real one. */
  readonly token: string;
  readonly chat: Chat;
  readonly person: Person;
  stop(): Promise<void>;
}

export async function startTelegram(options: {
  readonly address: string;
  readonly resolveHost: ResolveHost;
}): Promise<Telegram> {
  const stopping = new AbortController();
  const chat = new Chat();
  const sender = new WebhookSender(options.resolveHost, stopping.signal);
  const token = `${randomBytes(4).readUInt32BE()}:AA${randomBytes(25).toString('base64url').slice(0, 33)}`;
  const api = botApi(chat, sender, token);
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>((resolve) => {
    const server = serve({ fetch: api.fetch, hostname: options.address, port: 0 }, (info) =>
      resolve({ server, port: info.port }),
    );
  });
  return {
    apiRoot: `http://${options.address}:${port}`,
    token,
    chat,
    person: new Person(chat, sender),
    stop: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
