import { S3Client } from '@aws-sdk/client-s3';
import type { Result } from '@stepkube/shared/contracts/messages.ts';
import { ImageStore } from '@stepkube/shared/service/image-store.ts';
import { pino } from 'pino';
import { Telegraf } from 'telegraf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import { completedResult, failedResult, rejectedResult } from '#support/workloads/results.ts';
import { answerResult } from '#workloads/polybot/src/answer-result.ts';
import { ChatPace } from '#workloads/polybot/src/chat-pace.ts';
import { deliver } from '#workloads/polybot/src/deliver.ts';

let aws: FakeAws;
let telegram: FakeTelegram;
let pace: ChatPace;
beforeEach(async () => {
  pace = new ChatPace();
  [aws, telegram] = await Promise.all([FakeAws.start(), FakeTelegram.start()]);
  aws.objects.set(`pictures/${completed.annotatedKey}`, { body: Buffer.from('annotated') });
});
afterEach(() => Promise.all([aws[Symbol.asyncDispose](), telegram[Symbol.asyncDispose]()]));

const completed = completedResult('a'.repeat(32));

function answer(result: Result) {
  const bot = new Telegraf('123456:token', { telegram: { apiRoot: telegram.apiRoot } });
  const options = {
    result,
    telegram: bot.telegram,
    images: new ImageStore(new S3Client(aws.clientConfig), 'pictures'),
    signal: new AbortController().signal,
  };
  return deliver(() => answerResult(options), {
    jobId: result.jobId,
    chatId: result.replyTo.chatId,
    urgency: 'answer',
    pace,
    log: pino({ enabled: false }),
  });
}

const reply = { message_id: 7, allow_sending_without_reply: true };

describe('answerResult', () => {
  it('a completed result is sent as a photo in reply, with the objects as caption', async () => {
    expect(await answer(completed)).toBe('answered');
    const { fields } = await telegram.nth('sendPhoto');
    expect(fields).toMatchObject({ chat_id: '42', caption: '1 bus\n\nbus 50 %', photo: Buffer.from('annotated') });
    expect(JSON.parse(String(fields['reply_parameters']))).toEqual(reply);
  });

  it('a completed result without detections says that there are no objects', async () => {
    await answer({ ...completed, detections: [] });
    expect((await telegram.nth('sendPhoto')).fields['caption']).toBe('I see no objects that I know in this picture.');
  });

  it.each(['Bad Request: not enough rights to send photos to the chat', 'Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN'])(
    'without the right to send photos the list is sent as text: %s',
    async (description) => {
      telegram.refuse('sendPhoto', { status: 400, description });
      expect(await answer(completed)).toBe('answered');
      expect(telegram.callsOf('sendDocument')).toEqual([]);
      expect((await telegram.nth('sendMessage')).fields['text']).toContain('1 bus');
    },
  );

  it('the list is sent as text when neither a photo nor a file is accepted', async () => {
    telegram.refuse('sendPhoto', { status: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED' });
    telegram.refuse('sendDocument', { status: 400, description: 'Bad Request: something new' });
    expect(await answer(completed)).toBe('answered');
    expect((await telegram.nth('sendMessage')).fields['text']).toContain('1 bus');
  });

  it('an answer follows a group that has become a supergroup', async () => {
    telegram.refuse('sendPhoto', {
      status: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      migrateToChatId: -1009,
    });
    expect(await answer(completed)).toBe('answered');
    expect((await telegram.nth('sendPhoto', 2)).fields['chat_id']).toBe('-1009');
  });

  it('a chat that does not let the bot write is closed, by 400 as by 403', async () => {
    telegram.refuse('sendPhoto', { status: 400, description: 'Bad Request: CHAT_WRITE_FORBIDDEN' });
    expect(await answer(completed)).toBe('chat-closed');
    expect(telegram.calls).toHaveLength(1);
  });

  it('a pause that Telegram asks for postpones the answer, and all others to that chat without asking Telegram', async () => {
    telegram.refuse('sendPhoto', { status: 429, description: 'Too Many Requests', retryAfterSeconds: 170 });
    await expect(answer(completed)).rejects.toMatchObject({ name: 'PostponedError', afterSeconds: 170 });
    await expect(answer(completed)).rejects.toMatchObject({ name: 'PostponedError' });
    expect(telegram.callsOf('sendPhoto')).toHaveLength(1);
    const other = { ...completed, replyTo: { chatId: 43, messageId: 7 } };
    expect(await answer(other)).toBe('answered');
  });

  it('a rejected result is answered with its reason', async () => {
    expect(await answer(rejectedResult('a'.repeat(32), 'empty'))).toBe('rejected');
    const { fields } = await telegram.nth('sendMessage');
    expect(fields).toEqual({
      chat_id: 42,
      text: 'This file is empty. Please send the picture again.',
      reply_parameters: reply,
    });
  });

  it('a failed result is answered with an apology', async () => {
    expect(await answer(failedResult('a'.repeat(32)))).toBe('failed');
    expect((await telegram.nth('sendMessage')).fields['text']).toMatch(/^Sorry, .* the fault is mine/);
  });

  it('an image that Telegram refuses as a photo is sent as a file', async () => {
    telegram.refuse('sendPhoto', { status: 400, description: 'Bad Request: PHOTO_INVALID_DIMENSIONS' });
    expect(await answer(completed)).toBe('answered');
    expect((await telegram.nth('sendDocument')).fields['document']).toEqual(Buffer.from('annotated'));
  });

  it('the list of objects is sent as text when the annotated image has expired', async () => {
    aws.objects.clear();
    expect(await answer(completed)).toBe('answered');
    expect((await telegram.nth('sendMessage')).fields['text']).toBe('1 bus\n\nbus 50 %');
  });

  it.each([
    { status: 401, description: 'Unauthorized' },
    { status: 404, description: 'Not Found' },
  ])('a result is retried when Telegram refuses the token with $status', async (refusal) => {
    telegram.refuse('sendPhoto', refusal);
    await expect(answer(completed)).rejects.toMatchObject({ name: 'RetryableError' });
  });

  it('a result for a user who blocked the bot ends as chat-closed', async () => {
    telegram.refuse('sendPhoto', { status: 403, description: 'Forbidden: bot was blocked by the user' });
    expect(await answer(completed)).toBe('chat-closed');
  });
});
