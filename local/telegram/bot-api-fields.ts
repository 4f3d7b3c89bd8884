/** Parameters of Bot API requests. https://core.telegram.org/bots/api#making-requests */
import type { Context } from 'hono';
import { z } from 'zod';
import { BotApiError } from './bot-api-error.ts';
import type { OutgoingFile } from './person.ts';

export type Fields = Readonly<Record<string, string | File>>;

/** Reads parameters from the query, a JSON body or a form. Objects in a JSON body become JSON text, as they are in forms. */
export async function readFields(context: Context): Promise<Fields> {
  const query = context.req.query();
  const type = context.req.header('content-type') ?? '';
  if (type.startsWith('application/json')) {
    const body = z.record(z.string(), z.unknown()).parse(await context.req.json());
    const fields = Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    return { ...query, ...Object.fromEntries(fields) };
  }
  if (type.startsWith('multipart/form-data') || type.startsWith('application/x-www-form-urlencoded')) {
    return { ...query, ...(await context.req.parseBody()) };
  }
  return query;
}

/** @returns undefined for an absent or empty field */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @returns '' for an absent field */
export function text(fields: Fields, name: string): string {
  return optionalText(fields, name) ?? '';
}

/** A field with a JSON list of texts; empty when it is absent. */
export function textList(fields: Fields, name: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(optionalText(fields, name) ?? '[]'));
}

/** The file of a request, whatever its field is called. @throws BotApiError */
export async function uploadedFile(fields: Fields, kind: 'photo' | 'document'): Promise<OutgoingFile> {
  const upload = Object.values(fields).find((field) => field instanceof File);
  if (upload === undefined) throw new BotApiError(400, `Bad Request: there is no ${kind} in the request`);
  const mimeType = /\.jpe?g$/i.test(upload.name) ? 'image/jpeg' : 'application/octet-stream';
  return { name: upload.name, mimeType, bytes: new Uint8Array(await upload.arrayBuffer()) };
}

const replyParameters = z.object({ message_id: z.number().optional() });

/** The message that is replied to, by `reply_parameters` or the older `reply_to_message_id`. */
export function replyTo(fields: Fields): { readonly replyTo?: number } {
  const parameters = replyParameters.parse(JSON.parse(optionalText(fields, 'reply_parameters') ?? '{}'));
  const id = parameters.message_id ?? Number(optionalText(fields, 'reply_to_message_id') ?? Number.NaN);
  return Number.isInteger(id) ? { replyTo: id } : {};
}
