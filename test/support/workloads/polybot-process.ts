import type { FakeAws } from './fake-aws.ts';
import type { FakeTelegram } from './fake-telegram.ts';
import type { LedgerCloud } from './notification-log-cloud.ts';
import { ServiceProcess } from './service-process.ts';

export const telegramToken = '123456789:AAplanted-token_planted-token_plant';
export const webhookSecret = 'planted-webhook-secret';
export const secretHeader = { 'x-telegram-bot-api-secret-token': webhookSecret };

export interface Surroundings {
  readonly aws: FakeAws;
  readonly telegram: FakeTelegram;
  readonly ledger: LedgerCloud;
}

/** polybot from its bundle, between a fake AWS, a real enough DynamoDB and a fake Telegram. */
export function runPolybot(
  folder: string,
  { aws, telegram, ledger }: Surroundings,
  environment: Readonly<Record<string, string>> = {},
): ServiceProcess {
  if (!aws.secrets.has('stepkube/telegram'))
    aws.secrets.set('stepkube/telegram', JSON.stringify({ token: telegramToken, webhookSecret }));
  return new ServiceProcess(folder, {
    PORT: '0',
    INTERNAL_PORT: '0',
    LOG_LEVEL: 'debug',
    TELEGRAM_SECRET_ID: 'stepkube/telegram',
    TELEGRAM_API_ROOT: telegram.apiRoot,
    // Port 9 (discard): nobody answers.
    METERING_URL: 'http://127.0.0.1:9',
    WEBHOOK_URL: 'https://bot.example.com/telegram',
    ...aws.environment,
    ...ledger.environment,
    ...environment,
  });
}

/** Calls the webhook. @returns the status */
export async function post(
  service: ServiceProcess,
  update: unknown,
  headers: Record<string, string> = secretHeader,
): Promise<number> {
  const { port } = await service.logged('ready');
  const body = typeof update === 'string' ? update : JSON.stringify(update);
  return (await fetch(`http://127.0.0.1:${port}/telegram`, { method: 'POST', headers, body })).status;
}
