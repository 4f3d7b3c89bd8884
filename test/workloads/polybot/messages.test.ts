import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobSchema, type Result } from '../../../workloads/shared/contracts.ts';
import { FakeAws } from '../../support/workloads/fake-aws.ts';
import { FakeTelegram } from '../../support/workloads/fake-telegram.ts';
import { post, runPolybot, secretHeader } from '../../support/workloads/polybot-process.ts';
import { type ServiceProcess, stageService } from '../../support/workloads/service-process.ts';
import { commandUpdate, documentUpdate, photoUpdate, updateOf } from '../../support/workloads/telegram-updates.ts';

let image: Awaited<ReturnType<typeof stageService>>;
let aws: FakeAws;
let telegram: FakeTelegram;
let service: ServiceProcess;
beforeAll(async () => {
  [image, aws, telegram] = await Promise.all([stageService('polybot'), FakeAws.start(), FakeTelegram.start()]);
  service = runPolybot(image.folder, aws, telegram);
  await service.logged('ready');
});
afterAll(async () => {
  for (const part of [service, telegram, aws, image]) await part[Symbol.asyncDispose]();
});
beforeEach(() => {
  telegram.calls.length = 0;
  telegram.files.clear();
  telegram.missingFileStatus = 404;
  aws.jobs.messages.length = 0;
  aws.objects.clear();
});

describe('a running polybot', () => {
  it('puts the largest size of a photo into the bucket and its job into the queue, once', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const update = photoUpdate();
    expect(await Promise.all([post(service, update), post(service, update)])).toEqual([200, 200]);
    expect(await post(service, update)).toBe(200);
    expect(aws.jobs.messages).toHaveLength(1);
    const job = jobSchema.parse(JSON.parse(aws.jobs.messages[0]!.body));
    expect(job.replyTo).toEqual({ chatId: 42, messageId: 7 });
    expect(aws.objects.get(`pictures/${job.pictureKey}`)).toEqual(Buffer.from('picture'));
    expect(telegram.callsOf('sendChatAction')[0]!.fields).toEqual({ chat_id: 42, action: 'upload_photo' });
  });

  it('takes pictures that are sent as files', async () => {
    telegram.files.set('file', Buffer.from('picture'));
    expect(await post(service, documentUpdate({ mime_type: 'image/png', file_name: 'a.png' }))).toBe(200);
    expect(aws.jobs.messages).toHaveLength(1);
  });

  it.each([
    { name: '/start', update: commandUpdate('/start'), says: 'Send me a photo' },
    { name: '/help', update: commandUpdate('/help'), says: 'up to 20 MB' },
    { name: 'text', update: updateOf({ text: 'hello' }), says: 'I only understand pictures' },
    { name: 'a voice message', update: updateOf({ voice: { file_id: 'voice' } }), says: 'I only understand pictures' },
    {
      name: 'another file',
      update: documentUpdate({ mime_type: 'application/pdf', file_name: 'a.pdf' }),
      says: 'not a picture',
    },
    {
      name: 'a file above 20 MB',
      update: documentUpdate({ mime_type: 'image/png', file_size: 20_000_001 }),
      says: 'above 20 MB',
    },
  ])('answers $name at once', async ({ update, says }) => {
    expect(await post(service, update)).toBe(200);
    const { fields } = await telegram.nth('sendMessage');
    expect(fields['text']).toContain(says);
    expect(fields['reply_parameters']).toMatchObject({ message_id: 7 });
    expect(aws.jobs.messages).toHaveLength(0);
  });

  it('tells the sender when Telegram finds the file too big', async () => {
    telegram.refuse('getFile', { status: 400, description: 'Bad Request: file is too big' });
    expect(await post(service, photoUpdate())).toBe(200);
    expect((await telegram.nth('sendMessage')).fields['text']).toContain('above 20 MB');
  });

  it('asks Telegram to deliver again when the picture cannot be fetched, and then works', async () => {
    const update = photoUpdate();
    telegram.missingFileStatus = 502;
    expect(await post(service, update)).toBe(503);
    telegram.files.set('large', Buffer.from('picture'));
    expect(await post(service, update)).toBe(200);
    expect(aws.jobs.messages).toHaveLength(1);
  });

  it('tells the sender when the file is gone, and does not ask for the message again', async () => {
    expect(await post(service, photoUpdate())).toBe(200);
    expect((await telegram.nth('sendMessage')).fields['text']).toContain('could not download');
    expect(aws.jobs.messages).toHaveLength(0);
  });

  it('has few pictures in memory, however many come at the same time', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const release = Promise.withResolvers<void>();
    const third = Promise.withResolvers<void>();
    let downloads = 0;
    telegram.beforeFile = () => {
      downloads += 1;
      if (downloads === 3) third.resolve();
      return release.promise;
    };
    const answers = Array.from({ length: 6 }, () => post(service, photoUpdate()));
    await third.promise;
    await telegram.nth('sendChatAction', 6); // the others have come, too
    await post(service, updateOf({ text: 'hello' })); // and had their time
    expect(telegram.callsOf('getFile')).toHaveLength(3);
    release.resolve();
    expect(await Promise.all(answers)).toEqual(Array(6).fill(200));
    expect(downloads).toBe(6);
    telegram.beforeFile = async () => undefined;
  });

  it.each([
    { name: 'no secret', body: photoUpdate(), headers: {}, status: 401 },
    { name: 'an empty secret', body: photoUpdate(), headers: { 'x-telegram-bot-api-secret-token': '' }, status: 401 },
    {
      name: 'a wrong secret',
      body: photoUpdate(),
      headers: { 'x-telegram-bot-api-secret-token': 'guess' },
      status: 403,
    },
    { name: 'no JSON', body: 'text', headers: secretHeader, status: 400 },
    { name: 'no update', body: {}, headers: secretHeader, status: 400 },
    { name: 'a body of 1 MB', body: 'x'.repeat(1_000_000), headers: secretHeader, status: 413 },
  ])('refuses a call with $name: $status, nothing enqueued', async ({ body, headers, status }) => {
    telegram.files.set('large', Buffer.from('picture'));
    expect(await post(service, body, headers)).toBe(status);
    expect([aws.jobs.messages.length, aws.objects.size, telegram.calls.length]).toEqual([0, 0, 0]);
  });

  it('shows neither metrics nor health on the public port', async () => {
    const { port } = await service.logged('ready');
    for (const path of ['/metrics', '/healthz', '/readyz', '/']) {
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${port}/telegram`)).status).toBe(405);
  });

  it('answers a result that comes twice once', async () => {
    const result: Result = {
      version: 1,
      jobId: 'a'.repeat(32),
      replyTo: { chatId: 42, messageId: 7 },
      requestedAt: new Date().toISOString(),
      completedAt: new Date().toISOString(),
      model: { name: 'tiny', version: '1', sha256: '0'.repeat(64) },
      status: 'rejected',
      reason: 'damaged',
    };
    aws.results.send(JSON.stringify(result));
    aws.results.send(JSON.stringify(result));
    await aws.results.until(({ deleted }) => deleted === 2);
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
  });
});
