import { jobSchema } from '@stepkube/shared/contracts/messages.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeAws } from '#support/workloads/fake-aws.ts';
import type { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import type { NotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, type RunningPolybot, startPolybot, telegramToken } from '#support/workloads/polybot-process.ts';
import { rejectedResult } from '#support/workloads/results.ts';
import type { ServiceProcess } from '#support/workloads/service-process.ts';
import { albumUpdates, photoUpdate } from '#support/workloads/telegram-updates.ts';
import { jobOf } from '#workloads/polybot/src/job.ts';
import { maxOpenJobs, OpenJobs } from '#workloads/polybot/src/open-jobs.ts';

const picturesPerMinute = 6;

let polybot: RunningPolybot;
let aws: FakeAws;
let telegram: FakeTelegram;
let notificationLog: NotificationLogCloud;
let service: ServiceProcess;
beforeAll(async () => {
  polybot = await startPolybot({ PICTURES_PER_MINUTE: String(picturesPerMinute) });
  ({ aws, telegram, notificationLog, service } = polybot);
});
afterAll(() => polybot[Symbol.asyncDispose]());
beforeEach(async () => {
  await notificationLog.clear();
  telegram.calls.length = 0;
  telegram.files.clear();
  telegram.files.set('large', Buffer.from('picture'));
  telegram.missingFileStatus = 404;
  telegram.beforeFile = async () => undefined;
  for (const queue of [aws.downloads, aws.jobs, aws.reminders, aws.deadLetters]) {
    queue.messages.length = 0;
    queue.sent = 0;
    queue.deleted = 0;
  }
  aws.objects.clear();
});

const jobs = () => aws.jobs.messages.map(({ body }) => jobSchema.parse(JSON.parse(body)));
const downloaded = (count: number) => aws.downloads.until(({ deleted }) => deleted === count);

describe('downloads', () => {
  it('polybot stores a photo in its largest size and queues it once, however often its update is delivered', async () => {
    const update = photoUpdate();
    expect(await Promise.all([post(service, update), post(service, update)])).toEqual([200, 200]);
    expect(await post(service, update)).toBe(200);
    await downloaded(1);
    expect(jobs()).toHaveLength(1);
    const [job] = jobs();
    expect(job!.replyTo).toEqual({ chatId: 42, messageId: 7 });
    expect(aws.objects.get(`pictures/${job!.pictureKey}`)?.body).toEqual(Buffer.from('picture'));
    expect((await telegram.nth('sendChatAction')).fields).toEqual({ chat_id: 42, action: 'upload_photo' });
  });

  it("a sender's downloads and jobs are one group of the fair queues, which tells nobody's number", async () => {
    await Promise.all(albumUpdates(2).map((update) => post(service, update)));
    await downloaded(2);
    const groups = new Set(aws.jobs.messages.map(({ groupId }) => groupId));
    expect(groups.size).toBe(1);
    expect([...groups][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('polybot makes each photo of an album a job, and neither queues nor logs its caption', async () => {
    const posted = await Promise.all(albumUpdates(3).map((update) => post(service, update)));
    expect(posted).toEqual([200, 200, 200]);
    await downloaded(3);
    expect(jobs().map(({ replyTo }) => replyTo.messageId)).toEqual(expect.arrayContaining([20, 21, 22]));
    expect(new Set(jobs().map(({ jobId }) => jobId)).size).toBe(3);
    expect(telegram.callsOf('sendMessage')).toEqual([]);
    expect(service.output + JSON.stringify(aws.jobs.messages)).not.toContain('planted-caption');
  });

  it('polybot refuses photos beyond the limit per minute with one message', async () => {
    for (const update of albumUpdates(2 * picturesPerMinute)) expect(await post(service, update)).toBe(200);
    await downloaded(picturesPerMinute);
    expect(jobs()).toHaveLength(picturesPerMinute);
    const refusals = telegram.callsOf('sendMessage').map(({ fields }) => String(fields['text']));
    expect(refusals).toEqual([expect.stringMatching(/more than 6 pictures in a minute.* send them again in \d+ s\./)]);
  });

  it('the webhook answers before a photo is downloaded, with the reminder in its queue', async () => {
    const release = Promise.withResolvers<void>();
    telegram.beforeFile = () => release.promise;
    expect(await post(service, photoUpdate())).toBe(200);
    expect([aws.reminders.sent, aws.jobs.sent]).toEqual([1, 0]);
    release.resolve();
    await aws.jobs.until(({ sent }) => sent === 1);
  });

  it('polybot downloads at most three photos at the same time', async () => {
    const release = Promise.withResolvers<void>();
    const third = Promise.withResolvers<void>();
    let downloads = 0;
    telegram.beforeFile = () => {
      downloads += 1;
      if (downloads === 3) third.resolve();
      return release.promise;
    };
    for (const update of albumUpdates(6)) expect(await post(service, update)).toBe(200);
    await third.promise;
    expect(telegram.callsOf('getFile')).toHaveLength(3);
    release.resolve();
    await downloaded(6);
    expect(downloads).toBe(6);
  });

  it('a sender with an album of open jobs waits until one of them has a result', async () => {
    const { dynamoDb, table } = notificationLog;
    const openJobs = new OpenJobs({ dynamoDb, table, token: telegramToken });
    const open = Array.from({ length: maxOpenJobs }, (_, index) =>
      jobOf({ token: telegramToken, chatId: 42, messageId: 100 + index, userId: '42', sentAtSeconds: 1_764_000_000 }),
    );
    await Promise.all(open.map((job) => openJobs.open(job)));
    expect(await post(service, photoUpdate())).toBe(200);
    await aws.downloads.until(({ sent, deleted }) => sent === 2 && deleted === 1);
    expect(aws.jobs.sent).toBe(0);

    aws.results.send(JSON.stringify(rejectedResult(open[0]!.jobId)));
    await aws.results.until(({ messages }) => messages.length === 0);
    aws.downloads.elapse();
    await aws.jobs.until(({ sent }) => sent === 1);
  });

  it('a reminder says that the answer takes longer, unless the job was answered', async () => {
    expect(await post(service, photoUpdate())).toBe(200);
    aws.reminders.elapse();
    await aws.reminders.until(({ deleted }) => deleted === 1);
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
    await aws.reminders.until(({ deleted }) => deleted === 2);
    expect(telegram.callsOf('sendMessage')).toHaveLength(2);
  });

  it('the sender is told when Telegram refuses the download because the file is too big', async () => {
    telegram.refuse('getFile', { status: 400, description: 'Bad Request: file is too big' });
    expect(await post(service, photoUpdate())).toBe(200);
    expect((await telegram.nth('sendMessage')).fields['text']).toContain('above 20 MB');
    await downloaded(1);
  });

  it('the sender is told when the file was deleted, and the picture does not count', async () => {
    telegram.files.clear();
    expect(await post(service, photoUpdate())).toBe(200);
    expect((await telegram.nth('sendMessage')).fields['text']).toContain('could not download');
    await downloaded(1);
    expect(aws.jobs.sent).toBe(0);
    expect(await notificationLog.monthCounts()).toEqual([0]);
  });

  it('a download that fails is tried again', async () => {
    telegram.files.clear();
    telegram.missingFileStatus = 502;
    const changes = aws.downloads.visibilityChanges.length;
    expect(await post(service, photoUpdate())).toBe(200);
    await aws.downloads.until(({ visibilityChanges }) => visibilityChanges.length > changes);
    telegram.files.set('large', Buffer.from('picture'));
    aws.downloads.elapse();
    await aws.jobs.until(({ sent }) => sent === 1);
    expect(await notificationLog.monthCounts()).toEqual([1]);
  });

  it('after the last attempt the sender hears an apology, and the picture does not count', async () => {
    telegram.files.clear();
    telegram.missingFileStatus = 502;
    const release = Promise.withResolvers<void>();
    telegram.beforeFile = () => release.promise;
    expect(await post(service, photoUpdate())).toBe(200);
    aws.downloads.messages[0]!.receives = attempts.downloads;
    release.resolve();
    await aws.downloads.until(({ messages }) => messages.length === 1 && messages[0]!.visible === false);
    aws.downloads.elapse();
    await downloaded(1);
    expect((await telegram.nth('sendMessage')).fields['text']).toMatch(/the fault is mine/);
    expect(aws.deadLetters.messages).toHaveLength(1);
    expect(await notificationLog.monthCounts()).toEqual([0]);
  });
});
