import { type Context, Hono } from 'hono';
import { type Chat, type ChatFile, newFileId } from './chat.ts';
import type { PickedFile } from './person.ts';
import { photoSize } from './photo-size.ts';
import type { WebhookSender } from './webhook.ts';

type Fields = Record<string, string | File>;
type Method = (fields: Fields) => unknown;

/** A refusal in the shape of the Bot API. */
class BotApiError extends Error {
  override readonly name = 'BotApiError';
  readonly code: number;
  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

/** The methods of the Telegram Bot API that a webhook bot with pictures needs. https://core.telegram.org/bots/api */
export function botApi(chat: Chat, sender: WebhookSender, token: string): Hono {
  const methods: Readonly<Record<string, Method>> = {
    getme: () => ({ id: 1, is_bot: true, first_name: 'stepkube', username: 'stepkube_bot', can_join_groups: true }),
    setwebhook: (fields) => {
      const url = text(fields, 'url');
      if (url !== '' && !url.startsWith('https://'))
        throw new BotApiError(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
      sender.webhook =
        url === ''
          ? undefined
          : {
              url,
              secretToken: optional(fields, 'secret_token'),
              allowedUpdates: list(fields, 'allowed_updates'),
              hasCustomCertificate: fields['certificate'] instanceof File,
            };
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
      requireChat(fields);
      chat.showAction(text(fields, 'action'));
      return true;
    },
    sendmessage: (fields) => {
      requireChat(fields);
      return sent(chat.add({ from: 'bot', text: text(fields, 'text'), ...replyTo(fields) }));
    },
    sendphoto: async (fields) => {
      requireChat(fields);
      const { name, bytes } = await uploadOf(fields, 'photo');
      if ((await photoSize(bytes)) === undefined) throw new BotApiError(400, 'Bad Request: PHOTO_INVALID_DIMENSIONS');
      // Whatever was uploaded, Telegram shows a photo as JPEG.
      return show({ id: newFileId(), name, mimeType: 'image/jpeg', kind: 'photo', bytes }, fields);
    },
    senddocument: async (fields) => {
      requireChat(fields);
      const { name, mimeType, bytes } = await uploadOf(fields, 'document');
      return show({ id: newFileId(), name, mimeType, kind: 'document', bytes }, fields);
    },
    getfile: (fields) => {
      const file = chat.file(text(fields, 'file_id'));
      if (file === undefined) throw new BotApiError(400, 'Bad Request: invalid file_id');
      if (file.bytes.length > 20_000_000) throw new BotApiError(400, 'Bad Request: file is too big');
      return {
        file_id: file.id,
        file_unique_id: file.id.slice(-12),
        file_size: file.bytes.length,
        file_path: `files/${file.id}`,
      };
    },
  };

  const requireChat = (fields: Fields) => {
    if (Number(text(fields, 'chat_id')) !== chat.personId) throw new BotApiError(400, 'Bad Request: chat not found');
  };
  const show = (file: ChatFile, fields: Fields) => {
    const caption = optional(fields, 'caption');
    return sent(chat.add({ from: 'bot', file, ...(caption ? { text: caption } : {}), ...replyTo(fields) }));
  };
  const sent = (message: { id: number }) => ({
    message_id: message.id,
    date: Math.floor(Date.now() / 1000),
    chat: { id: chat.personId, type: 'private' },
  });

  const api = new Hono();
  api.all('/:bot/:method', async (context) => {
    if (context.req.param('bot') !== `bot${token}`) return refuse(context, new BotApiError(401, 'Unauthorized'));
    const method = methods[context.req.param('method').toLowerCase()];
    if (method === undefined) return refuse(context, new BotApiError(404, 'Not Found: method not found'));
    try {
      return context.json({ ok: true, result: await method(await fieldsOf(context)) });
    } catch (error) {
      return refuse(
        context,
        error instanceof BotApiError ? error : new BotApiError(500, `Internal Server Error: ${error}`),
      );
    }
  });
  api.get('/file/:bot/files/:id', (context) => {
    const file = context.req.param('bot') === `bot${token}` ? chat.file(context.req.param('id')) : undefined;
    return file ? context.body(Uint8Array.from(file.bytes)) : context.notFound();
  });
  return api;
}

function refuse(context: Context, error: BotApiError): Response {
  return context.json({ ok: false, error_code: error.code, description: error.message }, error.code as 400);
}

/** Parameters arrive as JSON, as a form or in the query, as the Bot API allows. */
async function fieldsOf(context: Context): Promise<Fields> {
  const query = context.req.query();
  const type = context.req.header('content-type') ?? '';
  if (type.startsWith('application/json')) {
    const body = (await context.req.json()) as Record<string, unknown>;
    const fields = Object.entries(body).map(([key, value]) => [
      key,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    return { ...query, ...Object.fromEntries(fields) };
  }
  if (type.startsWith('multipart/form-data') || type.startsWith('application/x-www-form-urlencoded')) {
    return { ...query, ...((await context.req.parseBody()) as Fields) };
  }
  return query;
}

function optional(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function text(fields: Fields, name: string): string {
  return optional(fields, name) ?? '';
}

/** A file travels under a name of its own, or as the field itself. */
async function uploadOf(fields: Fields, kind: string): Promise<PickedFile> {
  const upload = Object.values(fields).find((field): field is File => field instanceof File);
  if (upload === undefined) throw new BotApiError(400, `Bad Request: there is no ${kind} in the request`);
  const mimeType = /\.jpe?g$/i.test(upload.name) ? 'image/jpeg' : 'application/octet-stream';
  return { name: upload.name, mimeType, bytes: new Uint8Array(await upload.arrayBuffer()) };
}

function list(fields: Fields, name: string): string[] {
  return JSON.parse(optional(fields, name) ?? '[]');
}

function replyTo(fields: Fields): { replyTo?: number } {
  const parameters = JSON.parse(optional(fields, 'reply_parameters') ?? '{}') as { message_id?: number };
  const id = parameters.message_id ?? Number(optional(fields, 'reply_to_message_id') ?? Number.NaN);
  return Number.isInteger(id) ? { replyTo: id } : {};
}
