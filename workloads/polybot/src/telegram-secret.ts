import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

/** The secret cannot be used as it is; the message says what to do. */
export class TelegramSecretError extends Error {
  override readonly name = 'TelegramSecretError';
}

const secretSchema = z.object({
  token: z.string(),
  /** What Telegram allows as secret_token. */
  webhookSecret: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/),
});

export type TelegramSecret = z.output<typeof secretSchema>;

/** Reads {token, webhookSecret}. @throws TelegramSecretError; it never quotes the secret's value. */
export async function readTelegramSecret(
  secrets: SecretsManagerClient,
  secretId: string,
  abortSignal: AbortSignal,
): Promise<TelegramSecret> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }), { abortSignal });
  const parsed = secretSchema.safeParse(parseJson(SecretString ?? ''));
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole value'))];
    throw new TelegramSecretError(
      `secret ${secretId} must be JSON {"token": "...", "webhookSecret": "1 to 256 letters, digits, _ or -"}; wrong: ${fields.join(', ')}`,
    );
  }
  if (parsed.data.token === '')
    throw new TelegramSecretError(
      `secret ${secretId} has an empty "token": create a bot with @BotFather, put its token into that field (keep "webhookSecret"), then restart polybot`,
    );
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
