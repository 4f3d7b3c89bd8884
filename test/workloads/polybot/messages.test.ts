import { jobSchema } from '@stepkube/shared/contracts/contracts.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import { type LedgerCloud, startLedgerCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, runPolybot, secretHeader } from '#support/workloads/polybot-process.ts';
import { rejectedResult } from '#support/workloads/results.ts';
import { type ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import {
  albumUpdates,
  commandUpdate,
  documentUpdate,
  photoUpdate,
  updateOf,
} from '#support/workloads/telegram-updates.ts';

const picturesPerMinute = 6;

let image: Awaited<ReturnType<typeof stageService>>;
let aws: FakeAws;
let telegram: FakeTelegram;
let ledger: LedgerCloud;
let service: ServiceProcess;
beforeAll(async () => {
  [image, aws, telegram, ledger] = await Promise.all([
    stageService('polybot'),
    FakeAws.start(),
    FakeTelegram.start(),
    startLedgerCloud(),
  ]);
  service = runPolybot(image.folder, { aws, telegram, ledger }, { PICTURES_PER_MINUTE: String(picturesPerMinute) });
  await service.logged('ready');
});
afterAll(async () => {
  for (const part of [service, telegram, aws, ledger, image]) await part[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await ledger.clear();
  telegram.calls.length = 0;
  telegram.files.clear();
  telegram.missingFileStatus = 404;
  aws.jobs.messages.length = 0;
  aws.reminders.messages.length = 0;
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

  it('takes an album picture by picture, and writes none of its caption down', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    const posted = await Promise.all(albumUpdates(3).map((update) => post(service, update)));
    expect(posted).toEqual([200, 200, 200]);
    const jobs = aws.jobs.messages.map(({ body }) => jobSchema.parse(JSON.parse(body)));
    expect(jobs.map(({ replyTo }) => replyTo.messageId).sort()).toEqual([20, 21, 22]);
    expect(new Set(jobs.map(({ jobId }) => jobId)).size).toBe(3);
    expect(telegram.callsOf('sendMessage')).toEqual([]);
    expect(service.output + JSON.stringify(aws.jobs.messages)).not.toContain('planted-caption');
  });

  it('takes what the minute allows and tells the rest once, in a friendly way', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    // A minute may begin in between, and with it another count: one more than two of them take.
    for (const update of albumUpdates(2 * picturesPerMinute + 1)) expect(await post(service, update)).toBe(200);
    const minutes = Math.ceil(aws.jobs.messages.length / picturesPerMinute);
    expect([1, 2]).toContain(minutes);
    const refusals = telegram.callsOf('sendMessage').map(({ fields }) => String(fields['text']));
    expect(refusals.length).toBeGreaterThanOrEqual(1);
    expect(refusals.length).toBeLessThanOrEqual(minutes);
    for (const text of refusals) expect(text).toMatch(/more than 6 pictures in a minute.* send them again in \d+ s\./);
  });

  it('says sorry when the answer takes long, once, and not when it was given', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    expect(await post(service, photoUpdate())).toBe(200);
    expect(aws.reminders.messages).toHaveLength(1);
    const handled = aws.reminders.deleted;
    aws.reminders.elapse();
    await aws.reminders.until(({ deleted }) => deleted === handled + 1);
    expect((await telegram.nth('sendMessage')).fields).toMatchObject({
      text: expect.stringContaining('takes longer than usual'),
      reply_parameters: { message_id: 7 },
    });
    const answered = 'e'.repeat(32);
    aws.results.send(JSON.stringify(rejectedResult(answered)));
    await telegram.nth('sendMessage', 2);
    await aws.results.until(({ messages }) => messages.length === 0);
    aws.reminders.send(JSON.stringify({ version: 1, jobId: answered, replyTo: { chatId: 42, messageId: 7 } }));
    aws.reminders.elapse();
    await aws.reminders.until(({ deleted }) => deleted === handled + 2);
    expect(telegram.callsOf('sendMessage')).toHaveLength(2);
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
    const before = aws.results.deleted;
    const result = JSON.stringify(rejectedResult('a'.repeat(32)));
    aws.results.send(result);
    await aws.results.until(({ deleted }) => deleted === before + 1);
    aws.results.send(result);
    await aws.results.until(({ deleted }) => deleted === before + 2);
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
  });
});
