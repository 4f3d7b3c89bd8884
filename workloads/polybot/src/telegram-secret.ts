import { createHmac, X509Certificate } from 'node:crypto';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { parseJson } from '@stepkube/shared/service/parse-json.ts';
import { z } from 'zod';

/** The secret is incomplete or wrong; the message tells what to do. */
export class TelegramSecretError extends Error {
  override readonly name = 'TelegramSecretError';
}

const secretSchema = z.object({
  token: z.string(),
  /** In the characters that Telegram allows in secret_token. @default derived from the token */
  webhookSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,256}$/)
    .optional(),
  /**
   * PEM of a self-signed certificate: it is uploaded with the webhook, so that Telegram trusts it. The pattern allows nothing
   * else, because a private key in the same text would be uploaded, too.
   */
  certificate: z
    .string()
    .regex(/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/)
    .refine(isCertificate)
    .optional(),
});

export type TelegramSecret = z.output<typeof secretSchema> & { readonly webhookSecret: string };

/** Reads {token, webhookSecret?, certificate?}. @throws TelegramSecretError; it never quotes the secret's value. */
export async function readTelegramSecret(
  secrets: SecretsManagerClient,
  secretId: string,
  abortSignal: AbortSignal,
): Promise<TelegramSecret> {
  const SecretString = await readValue(secrets, secretId, abortSignal);
  const parsed = secretSchema.safeParse(parseJson(SecretString ?? ''));
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole value'))];
    throw new TelegramSecretError(
      `secret ${secretId} must be JSON {"token": "..."} and for a self-signed certificate also {"certificate": "its PEM, without a key"}, if you like {"webhookSecret": "1 to 256 letters, digits, _ or -"}; wrong: ${fields.join(', ')}`,
    );
  }
  const { token, webhookSecret = derivedSecret(token), ...rest } = parsed.data;
  if (token === '') throw missingToken(secretId, 'has an empty "token"');
  return { ...rest, token, webhookSecret };
}

/** Both sides know the token, so that nothing else has to be stored; who knows the result does not know the token. */
const derivedSecret = (token: string): string => createHmac('sha256', token).update('telegram webhook').digest('hex');

async function readValue(secrets: SecretsManagerClient, secretId: string, abortSignal: AbortSignal): Promise<string> {
  try {
    return (await secrets.send(new GetSecretValueCommand({ SecretId: secretId }), { abortSignal })).SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) throw missingToken(secretId, 'has no value yet');
    throw error;
  }
}

const missingToken = (secretId: string, state: string): TelegramSecretError =>
  new TelegramSecretError(
    `secret ${secretId} ${state}: create a bot with @BotFather, store {"token": "..."} in it, then restart polybot`,
  );

/** @throws TelegramSecretError when Telegram would not accept the certificate for the webhook's host. */
export function assertCertificateFits(pem: string, host: string): void {
  const certificate = new X509Certificate(pem);
  if (certificate.checkHost(host, { subject: 'always' }) === undefined)
    throw new TelegramSecretError(
      `the secret's "certificate" is not for ${host}: its CN and SAN must name the webhook's host`,
    );
  const { validToDate } = certificate;
  if (validToDate.getTime() < Date.now())
    throw new TelegramSecretError(`the secret's "certificate" has expired on ${validToDate.toISOString()}`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
