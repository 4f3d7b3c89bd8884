import { FakeAws } from './fake-aws.ts';
import { FakeTelegram } from './fake-telegram.ts';
import { type NotificationLogCloud, startNotificationLogCloud } from './notification-log-cloud.ts';
import { ServiceProcess, stageService } from './service-process.ts';

export const telegramToken = '123456789:AAplanted-token_planted-token_plant';
export const webhookSecret = 'planted-webhook-secret';
export const secretHeader = { 'x-telegram-bot-api-secret-token': webhookSecret };

/** What polybot talks to. */
export interface PolybotPeers {
  readonly aws: FakeAws;
  readonly telegram: FakeTelegram;
  readonly notificationLog: NotificationLogCloud;
}

/** Starts polybot's bundle against a fake AWS, the twin's DynamoDB and a fake Telegram. */
export function runPolybot(
  folder: string,
  { aws, telegram, notificationLog }: PolybotPeers,
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
    // Port 9 (discard): connections are refused.
    METERING_URL: 'http://127.0.0.1:9',
    WEBHOOK_URL: 'https://bot.example.com/telegram',
    ...aws.environment,
    ...notificationLog.environment,
    ...environment,
  });
}

/** Posts an update to the webhook. @returns the status */
export async function post(
  service: ServiceProcess,
  update: unknown,
  headers: Record<string, string> = secretHeader,
): Promise<number> {
  const { port } = await service.logged('ready');
  const body = typeof update === 'string' ? update : JSON.stringify(update);
  return (await fetch(`http://127.0.0.1:${port}/telegram`, { method: 'POST', headers, body })).status;
}

export interface RunningPolybot extends PolybotPeers, AsyncDisposable {
  readonly service: ServiceProcess;
  /** Of the bundle. */
  readonly folder: string;
}

/** A polybot that is ready, with everything that it talks to. */
export async function startPolybot(environment: Readonly<Record<string, string>> = {}): Promise<RunningPolybot> {
  const [bundle, aws, telegram, notificationLog] = await Promise.all([
    stageService('polybot'),
    FakeAws.start(),
    FakeTelegram.start(),
    startNotificationLogCloud(),
  ]);
  const peers = { aws, telegram, notificationLog };
  const service = runPolybot(bundle.folder, peers, environment);
  await service.logged('ready');
  return {
    ...peers,
    service,
    folder: bundle.folder,
    async [Symbol.asyncDispose]() {
      for (const part of [service, telegram, aws, notificationLog, bundle]) await part[Symbol.asyncDispose]();
    },
  };
}
