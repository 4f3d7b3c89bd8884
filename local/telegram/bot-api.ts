import { type Context, Hono } from 'hono';
import { BotApiError } from './bot-api-error.ts';
import { type Fields, optionalText, readFields, replyTo, text, textList, uploadedFile } from './bot-api-fields.ts';
import { type Chat, type ChatFile, newFileId } from './chat.ts';
import { fileKindOf } from './file-kind.ts';
import type { WebhookSender } from './webhook.ts';

type Method = (fields: Fields) => unknown;

/** Bots can download files up to this size: the documentation's 20 MB are MiB. */
const maxDownloadBytes = 20 << 20;

/** The methods of the Telegram Bot API that a bot with a webhook and pictures needs. https://core.telegram.org/bots/api */
export function botApi(chats: readonly Chat[], sender: WebhookSender, token: string): Hono {
  const methods = methodsOf(chats, sender);
  const api = new Hono();
  api.all('/:bot/:method', async (context) => {
    if (context.req.param('bot') !== `bot${token}`) return refuse(context, new BotApiError(401, 'Unauthorized'));
    const method = methods[context.req.param('method').toLowerCase()];
    if (method === undefined) return refuse(context, new BotApiError(404, 'Not Found: method not found'));
    try {
      return context.json({ ok: true, result: await method(await readFields(context)) });
    } catch (error) {
      return refuse(
        context,
        error instanceof BotApiError ? error : new BotApiError(500, `Internal Server Error: ${error}`),
      );
    }
  });
  api.get('/file/:bot/files/:id', (context) => {
    const file = context.req.param('bot') === `bot${token}` ? fileOf(chats, context.req.param('id')) : undefined;
    return file ? context.body(Uint8Array.from(file.bytes)) : context.notFound();
  });
  return api;
}

/** By lower-case name: method names are case-insensitive. */
function methodsOf(chats: readonly Chat[], sender: WebhookSender): Readonly<Record<string, Method>> {
  const chatOf = (fields: Fields): Chat => {
    const chat = chats.find(({ id }) => id === Number(text(fields, 'chat_id')));
    if (chat === undefined) throw new BotApiError(400, 'Bad Request: chat not found');
    return chat;
  };
  /** The chat of something to send. */
  const writableChatOf = (fields: Fields, kind: keyof Chat['botRights']): Chat => {
    const chat = chatOf(fields);
    const name = kind === 'messages' ? 'text messages' : kind;
    if (!chat.botRights[kind]) throw new BotApiError(400, `Bad Request: not enough rights to send ${name} to the chat`);
    chat.floodControl.admit();
    return chat;
  };
  /** The Message structure of a sent message. */
  const sent = (chat: Chat, message: { readonly id: number }) => ({
    message_id: message.id,
    date: Math.floor(Date.now() / 1000),
    chat: chat.description,
  });
  const sendFile = (chat: Chat, file: ChatFile, fields: Fields) => {
    const caption = optionalText(fields, 'caption');
    return sent(chat, chat.add({ from: 'bot', file, ...(caption ? { text: caption } : {}), ...replyTo(fields) }));
  };

  return {
    getme: () => ({ id: 1, is_bot: true, first_name: 'stepkube', username: 'stepkube_bot', can_join_groups: true }),
    setwebhook: (fields) => {
      const url = text(fields, 'url');
      if (url !== '' && !url.startsWith('https://')) {
        throw new BotApiError(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
      }
      const webhook = {
        url,
        secretToken: optionalText(fields, 'secret_token'),
        allowedUpdates: textList(fields, 'allowed_updates'),
        hasCustomCertificate: fields['certificate'] instanceof File,
      };
      // An empty URL removes the webhook.
      sender.webhook = url === '' ? undefined : webhook;
      return true;
    },
    deletewebhook: () => {
      sender.webhook = undefined;
      return true;
    },
    getwebhookinfo: () => ({
      url: sender.webhook?.url ?? '',
      has_custom_certificate: sender.webhook?.hasCustomCertificate ?? false,
      pending_update_count: sender.pendingCount,
      ...(sender.webhook ? { allowed_updates: sender.webhook.allowedUpdates } : {}),
      ...(sender.lastError ? { last_error_message: sender.lastError } : {}),
    }),
    setmycommands: () => true,
    sendchataction: (fields) => {
      chatOf(fields).showAction(text(fields, 'action'));
      return true;
    },
    sendmessage: (fields) => {
      const chat = writableChatOf(fields, 'messages');
      return sent(chat, chat.add({ from: 'bot', text: text(fields, 'text'), ...replyTo(fields) }));
    },
    sendphoto: async (fields) => {
      const chat = writableChatOf(fields, 'photos');
      const { name, bytes } = await uploadedFile(fields, 'photo');
      if ((await fileKindOf(bytes)).kind !== 'photo')
        throw new BotApiError(400, 'Bad Request: PHOTO_INVALID_DIMENSIONS');
      // Telegram converts every photo to JPEG.
      return sendFile(chat, { id: newFileId(), name, mimeType: 'image/jpeg', kind: 'photo', bytes }, fields);
    },
    senddocument: async (fields) => {
      const chat = writableChatOf(fields, 'documents');
      const { name, mimeType, bytes } = await uploadedFile(fields, 'document');
      return sendFile(chat, { id: newFileId(), name, mimeType, kind: 'document', bytes }, fields);
    },
    getfile: (fields) => {
      const file = fileOf(chats, text(fields, 'file_id'));
      if (file === undefined) throw new BotApiError(400, 'Bad Request: invalid file_id');
      if (file.bytes.length > maxDownloadBytes) throw new BotApiError(400, 'Bad Request: file is too big');
      return {
        file_id: file.id,
        file_unique_id: file.id.slice(-12),
        file_size: file.bytes.length,
        file_path: `files/${file.id}`,
      };
    },
  };
}

const fileOf = (chats: readonly Chat[], fileId: string): ChatFile | undefined =>
  chats.map((chat) => chat.file(fileId)).find((file) => file !== undefined);

/** https://core.telegram.org/bots/api#making-requests */
function refuse(context: Context, error: BotApiError): Response {
  const { code, message: description, retryAfterSeconds } = error;
  const parameters = retryAfterSeconds === undefined ? {} : { parameters: { retry_after: retryAfterSeconds } };
  return context.json({ ok: false, error_code: code, description, ...parameters }, code);
}
