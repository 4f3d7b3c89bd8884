import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeAws } from '#support/workloads/fake-aws.ts';
import type { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import type { NotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, type RunningPolybot, secretHeader, startPolybot } from '#support/workloads/polybot-process.ts';
import { rejectedResult } from '#support/workloads/results.ts';
import type { ServiceProcess } from '#support/workloads/service-process.ts';
import { commandUpdate, documentUpdate, photoUpdate, updateOf } from '#support/workloads/telegram-updates.ts';

let polybot: RunningPolybot;
let aws: FakeAws;
let telegram: FakeTelegram;
let notificationLog: NotificationLogCloud;
let service: ServiceProcess;
beforeAll(async () => {
  polybot = await startPolybot();
  ({ aws, telegram, notificationLog, service } = polybot);
});
afterAll(() => polybot[Symbol.asyncDispose]());
beforeEach(async () => {
  await notificationLog.clear();
  telegram.calls.length = 0;
  telegram.files.clear();
  for (const queue of [aws.downloads, aws.jobs]) queue.sent = 0;
  aws.jobs.messages.length = 0;
  aws.objects.clear();
});

describe('polybot', () => {
  it.each([
    { name: 'no JSON', body: 'text' },
    { name: 'no update', body: {} },
    { name: 'a message without a chat', body: { update_id: 900_001, message: { message_id: 1, date: 0, photo: [] } } },
    { name: 'null as message', body: { update_id: 900_002, message: null } },
    {
      name: 'a photo that is no list',
      body: { update_id: 900_003, message: { message_id: 1, date: 0, chat: {}, photo: 7 } },
    },
  ])(
    'an update that can never be handled ($name) is answered with 200, so that Telegram does not repeat it for a day',
    async ({ body }) => {
      expect(await post(service, body)).toBe(200);
      expect(aws.downloads.sent).toBe(0);
    },
  );

  describe('in a group', () => {
    const inGroup = <Update extends { message: object }>(update: Update, more: object = {}) => ({
      ...update,
      message: { ...update.message, chat: { id: -1001234, type: 'supergroup', title: 'Group' }, ...more },
    });

    it.each([
      { name: 'a text', update: updateOf({ text: 'hello' }) },
      { name: "another bot's command", update: commandUpdate('/help@another_bot') },
      { name: 'an unknown command', update: commandUpdate('/weather') },
      {
        name: 'a document that is no image',
        update: documentUpdate({ mime_type: 'application/pdf', file_name: 'a.pdf' }),
      },
      { name: "a channel's post in its discussion group", update: photoUpdate(), more: { is_automatic_forward: true } },
    ])('polybot does not answer $name', async ({ update, more }) => {
      expect(await post(service, inGroup(update, more))).toBe(200);
      expect(telegram.callsOf('sendMessage')).toEqual([]);
      expect(aws.downloads.sent).toBe(0);
    });

    it.each([
      { name: 'its own command', update: commandUpdate('/help') },
      { name: 'its own command in capitals', update: commandUpdate('/HELP') },
      {
        name: 'a reply to it',
        update: updateOf({
          text: 'why?',
          reply_to_message: { message_id: 1, from: { id: 1, is_bot: true, first_name: 'bot' } },
        }),
      },
      {
        name: 'a mention',
        update: updateOf({ text: '@test_bot hi', entities: [{ type: 'mention', offset: 0, length: 9 }] }),
      },
    ])('polybot answers $name', async ({ update }) => {
      expect(await post(service, inGroup(update))).toBe(200);
      expect((await telegram.nth('sendMessage')).fields['chat_id']).toBe(-1001234);
    });

    it('polybot takes pictures in a group, of an anonymous administrator as those of the group', async () => {
      telegram.files.set('large', Buffer.from('picture'));
      const anonymous = { from: { id: 1087968824, is_bot: true, first_name: 'Group' }, sender_chat: { id: -1001234 } };
      expect(await post(service, inGroup(photoUpdate(), anonymous))).toBe(200);
      await aws.jobs.until(({ sent }) => sent === 1);
      expect(JSON.parse(aws.jobs.messages[0]!.body).userId).toBe('9000000000001001234');
    });
  });

  it.each([
    { name: 'an image', document: { mime_type: 'image/png', file_name: 'a.png' } },
    { name: 'a .jfif', document: { mime_type: 'application/octet-stream', file_name: 'a.JFIF' } },
    { name: 'a file without a name and a type', document: {} },
    { name: 'a file of exactly 20 MiB', document: { mime_type: 'image/png', file_size: 20 << 20 } },
  ])('polybot makes $name that is sent as a file a job', async ({ document }) => {
    telegram.files.set('file', Buffer.from('picture'));
    expect(await post(service, documentUpdate(document))).toBe(200);
    await aws.jobs.until(({ sent }) => sent === 1);
  });

  it.each([
    { name: 'the command /start', update: commandUpdate('/start'), says: 'Send me a photo' },
    { name: 'the command /help', update: commandUpdate('/help'), says: 'up to 20 MB' },
    { name: 'a text message', update: updateOf({ text: 'hello' }), says: 'I only understand pictures' },
    { name: 'a voice message', update: updateOf({ voice: { file_id: 'voice' } }), says: 'I only understand pictures' },
    {
      name: 'a GIF, which Telegram makes a film',
      update: updateOf({
        animation: { file_id: 'film', mime_type: 'video/mp4' },
        document: { file_id: 'film', mime_type: 'video/mp4', file_name: 'a.gif.mp4' },
      }),
      says: 'turned this GIF into a film',
    },
    {
      name: 'a file that is no image',
      update: documentUpdate({ mime_type: 'application/pdf', file_name: 'a.pdf' }),
      says: 'not a picture',
    },
    {
      name: 'a file above 20 MB',
      update: documentUpdate({ mime_type: 'image/png', file_size: (20 << 20) + 1 }),
      says: 'above 20 MB',
    },
  ])('polybot answers $name at once without a job', async ({ update, says }) => {
    expect(await post(service, update)).toBe(200);
    const { fields } = await telegram.nth('sendMessage');
    expect(fields['text']).toContain(says);
    expect(fields['reply_parameters']).toMatchObject({ message_id: 7 });
    expect(aws.downloads.sent).toBe(0);
  });

  it.each([
    { name: 'no secret token', body: photoUpdate(), headers: {}, status: 401 },
    {
      name: 'an empty secret token',
      body: photoUpdate(),
      headers: { 'x-telegram-bot-api-secret-token': '' },
      status: 401,
    },
    {
      name: 'a wrong secret token',
      body: photoUpdate(),
      headers: { 'x-telegram-bot-api-secret-token': 'guess' },
      status: 403,
    },
    { name: 'a body of 1 MB', body: 'x'.repeat(1_000_000), headers: secretHeader, status: 413 },
  ])('a webhook call with $name is refused with $status, nothing is queued', async ({ body, headers, status }) => {
    telegram.files.set('large', Buffer.from('picture'));
    expect(await post(service, body, headers)).toBe(status);
    expect([aws.downloads.sent, aws.objects.size, telegram.calls.length]).toEqual([0, 0, 0]);
  });

  it('the webhook port of polybot serves neither probes nor metrics', async () => {
    const { port } = await service.logged('ready');
    for (const path of ['/metrics', '/healthz', '/readyz', '/']) {
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${port}/telegram`)).status).toBe(405);
  });

  it('polybot answers twenty texts of a minute, then says once that it pauses, and still takes pictures', async () => {
    telegram.files.set('large', Buffer.from('picture'));
    for (let text = 1; text <= 23; text += 1) expect(await post(service, updateOf({ text: 'hello' }))).toBe(200);
    const texts = telegram.callsOf('sendMessage').map(({ fields }) => String(fields['text']));
    expect(texts).toHaveLength(21);
    expect(texts.at(-1)).toContain('a lot of messages at once');
    expect(await post(service, photoUpdate())).toBe(200);
    await aws.jobs.until(({ sent }) => sent === 1);
  });

  it('polybot answers a result that is delivered twice once', async () => {
    const before = aws.results.deleted;
    const result = JSON.stringify(rejectedResult('a'.repeat(32)));
    aws.results.send(result);
    await aws.results.until(({ deleted }) => deleted === before + 1);
    aws.results.send(result);
    await aws.results.until(({ deleted }) => deleted === before + 2);
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
  });

  it('an answer that a lost pod was sending is not sent again: its sender is told to look for it', async () => {
    const before = aws.results.deleted;
    const jobId = 'b'.repeat(32);
    await notificationLog.leaveClaim(jobId);
    aws.results.send(JSON.stringify(rejectedResult(jobId)));
    await aws.results.until(({ deleted }) => deleted === before + 1);
    expect(telegram.callsOf('sendMessage').map(({ fields }) => String(fields['text']))).toEqual([
      expect.stringContaining('I was interrupted while I was sending you the answer'),
    ]);
  });
});
