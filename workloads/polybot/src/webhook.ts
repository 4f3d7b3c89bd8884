import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pathOf, type RequestHandler, sendText } from '@stepkube/shared/service/http-server.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Update } from 'telegraf/types';
import { z } from 'zod';

/** Only what tells an update from something else: the rest is Telegram's own, and the secret has shown that it is. */
const updateSchema = z.looseObject({ update_id: z.int() });

export type Refusal = 'secret-missing' | 'secret-wrong' | 'too-large' | 'not-an-update';

/** Telegram's largest updates are a few kilobytes: pictures are not in them. */
const largestBodyBytes = 256 * 1024;
const path = '/telegram';

/**
 * POST /telegram. The secret is checked before the body is read. 200 means the update is dealt with or its job is
 * safely in the queue; 503 makes Telegram send it again.
 */
export function webhookHandler(options: {
  readonly secret: string;
  readonly handleUpdate: (update: Update) => Promise<void>;
  readonly onRefusal: (reason: Refusal) => void;
  readonly log: Log;
}): RequestHandler {
  const expected = digest(options.secret);
  return async (request, response) => {
    const refuse = (status: number, text: string, reason?: Refusal) => {
      if (reason !== undefined) options.onRefusal(reason);
      sendText(response, status, text, { connection: 'close', ...(status === 405 ? { allow: 'POST' } : {}) });
    };
    if (pathOf(request) !== path) return refuse(404, 'not found');
    if (request.method !== 'POST') return refuse(405, 'only POST is answered here');
    const given = request.headers['x-telegram-bot-api-secret-token'];
    if (typeof given !== 'string' || given === '') return refuse(401, 'the secret token is missing', 'secret-missing');
    if (!timingSafeEqual(digest(given), expected)) return refuse(403, 'the secret token is wrong', 'secret-wrong');

    const body = await readBody(request);
    if (body === undefined) return refuse(413, `the body is above ${largestBodyBytes} bytes`, 'too-large');
    const update = updateSchema.safeParse(parseJson(body));
    if (!update.success) return refuse(400, 'the body is not an update', 'not-an-update');

    try {
      await options.handleUpdate(update.data as unknown as Update);
    } catch (error) {
      options.log.error({ err: error, updateId: update.data.update_id }, 'the update could not be handled');
      return sendText(response, 503, 'try again');
    }
    sendText(response, 200, 'ok');
  };
}

/** Equal length for any input, as timingSafeEqual wants. */
const digest = (text: string) => createHash('sha256').update(text).digest();

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not close the connection: the answer still has to get through.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
