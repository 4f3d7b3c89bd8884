import { createHash, timingSafeEqual } from 'node:crypto';
import { createTextApp, methodNotAllowed } from '@stepkube/shared/service/http-server.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { parseJson } from '@stepkube/shared/service/parse-json.ts';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Update } from 'telegraf/types';
import { z } from 'zod';

/** Checks only what distinguishes an update from other JSON: the secret proves that the content is Telegram's. */
const updateSchema = z.looseObject({ update_id: z.int() });

export type WebhookRefusal = 'secret-missing' | 'secret-wrong' | 'too-large' | 'unusable';

/** Telegram's largest updates are a few kilobytes: images are not part of them. */
const maxBodyBytes = 256 * 1024;
const path = '/telegram';

/**
 * POST /telegram. The secret is checked before the body is read. 200 means that the update is handled or its job is safely
 * in the queue, or that it can never be handled; 503 makes Telegram deliver it again.
 */
export function createWebhook(options: {
  readonly secret: string;
  readonly handleUpdate: (update: Update) => Promise<void>;
  readonly onRefusal: (reason: WebhookRefusal) => void;
  readonly log: Log;
}): Hono {
  const { secret, handleUpdate, onRefusal, log } = options;
  const expected = digest(secret);
  const refuse = (context: Context, status: 401 | 403 | 413, text: string, reason: WebhookRefusal) => {
    onRefusal(reason);
    return context.text(`${text}\n`, status, { connection: 'close' });
  };
  const unusable = (context: Context, error: unknown, text: string, updateId?: number) => {
    onRefusal('unusable');
    log.error({ err: error, updateId }, text);
    return context.text('ok\n');
  };
  const app = createTextApp(log);
  app.post(
    path,
    async (context, next) => {
      const given = context.req.header('x-telegram-bot-api-secret-token') ?? '';
      if (given === '') return refuse(context, 401, 'the secret token is missing', 'secret-missing');
      if (!timingSafeEqual(digest(given), expected))
        return refuse(context, 403, 'the secret token is wrong', 'secret-wrong');
      return next();
    },
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) => refuse(context, 413, `the body is above ${maxBodyBytes} bytes`, 'too-large'),
    }),
    async (context) => {
      const update = updateSchema.safeParse(parseJson(await context.req.text()));
      // The secret was right, so this is Telegram's, and would be delivered again for a day: nothing will make it an update.
      if (!update.success) return unusable(context, undefined, 'the body is not an update');
      try {
        await handleUpdate(update.data as unknown as Update);
      } catch (error) {
        if (!mayWorkLater(error))
          return unusable(context, error, 'the update cannot be handled', update.data.update_id);
        log.error({ err: error, updateId: update.data.update_id }, 'the update could not be handled');
        return context.text('try again\n', 503);
      }
      return context.text('ok\n');
    },
  );
  app.all(path, (context) => methodNotAllowed(context, 'POST'));
  return app;
}

/** Faults of our own code over an unforeseen shape end the same each time; what comes from outside of the process may pass. */
const mayWorkLater = (error: unknown): boolean =>
  !(
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof z.ZodError
  );

/** timingSafeEqual needs inputs of equal length. */
const digest = (text: string) => createHash('sha256').update(text).digest();
