import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { TelegramRefusedError, whenAvailable } from './telegram.ts';
import { assertCertificateFits } from './telegram-secret.ts';

/**
 * The parameters of setWebhook. https://core.telegram.org/bots/api#setwebhook
 * @throws TelegramSecretError when the certificate is not one for the URL's host
 */
export function webhookRegistration(url: string, webhookSecret: string, certificate: string | undefined) {
  const registration = {
    url,
    secret_token: webhookSecret,
    allowed_updates: ['message'] as const,
    max_connections: 40,
  };
  if (certificate === undefined) return registration;
  assertCertificateFits(certificate, new URL(url).hostname);
  const file = { source: Buffer.from(certificate), filename: 'certificate.pem' };
  return { ...registration, certificate: file as never }; // telegraf's type allows paths only
}

/**
 * Registers the webhook. Telegram refuses a host that it cannot resolve, but the DNS record of a new cluster can only be
 * created once this service has its load balancer. So this refusal does not prevent readiness: registration is repeated in
 * the background until Telegram accepts it or the signal aborts.
 * @throws any other refusal, and the signal's reason
 */
export async function registerWebhook(
  setWebhook: () => Promise<unknown>,
  { signal, log, pauseMilliseconds = 30_000 }: { signal: AbortSignal; log: Log; pauseMilliseconds?: number },
): Promise<void> {
  const attempt = async (): Promise<boolean> => {
    try {
      await whenAvailable(setWebhook, signal, log);
      return true;
    } catch (error) {
      if (!(error instanceof TelegramRefusedError && /resolve host/i.test(error.message))) throw error;
      log.warn({ err: error }, 'Telegram cannot resolve the domain yet: point it at the load balancer');
      return false;
    }
  };
  const repeat = async (): Promise<void> => {
    do await wait(pauseMilliseconds, undefined, { signal });
    while (!(await attempt()));
    log.info('Telegram accepted the webhook');
  };
  if (await attempt()) return;
  repeat().catch((error: unknown) => {
    if (!signal.aborted) throw error; // an unhandled rejection: the process ends and Kubernetes restarts it
  });
}
