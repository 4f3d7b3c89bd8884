import { jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import { type NotificationLogCloud, startNotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, runPolybot, telegramToken, webhookSecret } from '#support/workloads/polybot-process.ts';
import { rejectedResult } from '#support/workloads/results.ts';
import { selfSigned } from '#support/workloads/self-signed.ts';
import { stageService } from '#support/workloads/service-process.ts';
import { photoUpdate, updateOf } from '#support/workloads/telegram-updates.ts';

let bundle: Awaited<ReturnType<typeof stageService>>;
beforeAll(async () => {
  bundle = await stageService('polybot');
});
afterAll(() => bundle[Symbol.asyncDispose]());

let aws: FakeAws;
let telegram: FakeTelegram;
let notificationLog: NotificationLogCloud;
beforeEach(async () => {
  [aws, telegram, notificationLog] = await Promise.all([
    FakeAws.start(),
    FakeTelegram.start(),
    startNotificationLogCloud(),
  ]);
});
afterEach(() => Promise.all([aws, telegram, notificationLog].map((part) => part[Symbol.asyncDispose]())));

const run = () => runPolybot(bundle.folder, { aws, telegram, notificationLog });

describe('polybot', () => {
  it('polybot is ready only after Telegram has accepted the webhook, also after a refusal with 429', async () => {
    telegram.refuse('setWebhook', { status: 429, description: 'Too Many Requests', retryAfterSeconds: 0 });
    await using service = run();
    const { internalPort } = await service.logged('ready');
    const registration = {
      url: 'https://bot.example.com/telegram',
      secret_token: webhookSecret,
      allowed_updates: ['message'],
      max_connections: 40,
    };
    expect(telegram.callsOf('setWebhook').map(({ fields }) => fields)).toEqual([registration, registration]);
    expect((await fetch(`http://127.0.0.1:${internalPort}/readyz`)).status).toBe(200);
  });

  it('polybot uploads its self-signed certificate with the webhook', async () => {
    const { pem } = await selfSigned({ name: 'bot.example.com' });
    aws.secrets.set('stepkube/telegram', JSON.stringify({ token: telegramToken, webhookSecret, certificate: pem }));
    await using service = run();
    await service.logged('ready');
    const { fields } = await telegram.nth('setWebhook');
    expect(fields).toEqual({
      url: 'https://bot.example.com/telegram',
      secret_token: webhookSecret,
      allowed_updates: '["message"]',
      max_connections: '40',
      method: 'setWebhook',
      certificate: Buffer.from(pem),
    });
  });

  it('polybot exits 1 with a certificate for another host, before it registers the webhook', async () => {
    const { pem } = await selfSigned({ name: 'other.example.com' });
    aws.secrets.set('stepkube/telegram', JSON.stringify({ token: telegramToken, webhookSecret, certificate: pem }));
    await using service = run();
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toContain('is not for bot.example.com');
    expect(telegram.callsOf('setWebhook')).toEqual([]);
  });

  it('polybot is ready although Telegram cannot resolve its host yet, and exits 0 on SIGTERM', async () => {
    const description = 'Bad Request: bad webhook: Failed to resolve host: Name or service not known';
    telegram.refuse('setWebhook', { status: 400, description });
    await using service = run();
    await service.logged('ready');
    expect(telegram.callsOf('setWebhook')).toHaveLength(1);
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('a message that is delivered again after a restart gives the same job', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const update = photoUpdate();
    for (const _ of [1, 2]) {
      await using service = run();
      const { sent } = aws.jobs;
      await post(service, update);
      await aws.jobs.until((queue) => queue.sent === sent + 1);
      // A killed pod's poll would go on and take the next message.
      service.signal('SIGTERM');
      await service.exited;
    }
    const ids = aws.jobs.messages.map(({ body }) => jobSchema.parse(JSON.parse(body)).jobId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(aws.objects.size).toBe(1);
  });

  it('a result that is delivered again to another pod is answered once', async () => {
    const result = JSON.stringify(rejectedResult('a'.repeat(32)));
    for (const deleted of [1, 2]) {
      await using service = run();
      await service.logged('ready');
      aws.results.send(result);
      await aws.results.until((queue) => queue.deleted === deleted);
      // A killed pod's poll would go on and take the next message.
      service.signal('SIGTERM');
      await service.exited;
    }
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
  });

  it('polybot exits 0 on SIGTERM when idle', async () => {
    await using service = run();
    await service.logged('ready');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('polybot exits 0 on SIGTERM while it waits for Telegram at start', async () => {
    telegram.refuse('setWebhook', { status: 429, description: 'Too Many Requests', retryAfterSeconds: 60 });
    await using service = run();
    await service.logged('Telegram is not available');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('polybot finishes the current download on SIGTERM and exits 0', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const [fetching, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    telegram.beforeFile = () => {
      fetching.resolve();
      return release.promise;
    };
    await using service = run();
    const posted = post(service, photoUpdate());
    await fetching.promise;
    service.signal('SIGTERM');
    await service.logged('stopping');
    release.resolve();
    expect(await posted).toBe(200);
    expect(await service.exited).toEqual({ code: 0 });
    expect(aws.jobs.messages).toHaveLength(1);
  });

  it('polybot exits 1 without a token and tells how to get one', async () => {
    aws.secrets.set('stepkube/telegram', JSON.stringify({ token: '', webhookSecret }));
    await using service = run();
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toContain('create a bot with @BotFather');
  });

  it('polybot logs neither token, secret, names nor texts, also when calls fail', async () => {
    await using service = run();
    await service.logged('ready');
    telegram.refuse('sendMessage', { status: 403, description: 'Forbidden: bot was blocked by the user' });
    await post(service, updateOf({ text: 'planted-text' }));
    await post(service, photoUpdate());
    await post(service, photoUpdate(), { 'x-telegram-bot-api-secret-token': `${webhookSecret}-guess` });
    await telegram[Symbol.asyncDispose]();
    expect(await post(service, updateOf({ text: 'planted-text' }))).toBe(503);
    service.signal('SIGTERM');
    await service.exited;
    expect(service.output).toContain('the update could not be handled');
    expect(service.output).not.toMatch(/planted/i);
    expect(service.output).not.toContain('123456789:');
  });
});
