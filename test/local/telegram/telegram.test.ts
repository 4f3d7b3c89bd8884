import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileKindOf } from '#local/telegram/file-kind.ts';
import { startTelegram, type Telegram } from '#local/telegram/telegram.ts';
import { gifOf } from '#support/workloads/images.ts';

interface Delivery {
  readonly secret: string | undefined;
  readonly update: { readonly update_id: number; readonly message: Record<string, unknown> };
}

let telegram: Telegram;
let bot: Server;
let deliveries: Delivery[];
/** Statuses of the bot's next responses; 200 when there are none. */
let statuses: number[];
let onDelivery: () => void;

beforeEach(async () => {
  deliveries = [];
  statuses = [];
  onDelivery = () => undefined;
  bot = createServer(async (request, response) => {
    deliveries.push({
      secret: request.headers['x-telegram-bot-api-secret-token'] as string,
      update: JSON.parse(await bodyOf(request)),
    });
    response.writeHead(statuses.shift() ?? 200).end();
    onDelivery();
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  telegram = await startTelegram({
    address: '127.0.0.1',
    firstRetryDelayMilliseconds: 5,
    resolveHost: (host, port) =>
      host === 'bot.example.com' && port === 443
        ? { host: '127.0.0.1', port: (bot.address() as AddressInfo).port }
        : undefined,
  });
});

afterEach(async () => {
  await telegram.stop();
  await new Promise((resolve) => bot.close(resolve));
});

describe('files that a person sends', () => {
  it('an SVG is a document, however it is named, and is not measured', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1e6 1e6" stroke="red" stroke-dasharray="0.01"/></svg>';
    expect(await fileKindOf(Buffer.from(svg))).toEqual({ kind: 'document' });
    expect(await fileKindOf(gzipSync(svg))).toEqual({ kind: 'document' });
  });

  it('a GIF that moves is an animation, one that does not a document', async () => {
    expect(await fileKindOf(await gifOf([255, 0, 0], [0, 0, 255]))).toEqual({ kind: 'animation' });
    expect(await fileKindOf(await gifOf([255, 0, 0]))).toEqual({ kind: 'document' });
  });
});

describe('Bot API', () => {
  it('a request with another bot token is refused with 401', async () => {
    const response = await fetch(`${telegram.apiRoot}/botwrong/getMe`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
  });

  it('setWebhook refuses a URL that is not HTTPS', async () => {
    const response = await call('setWebhook', { url: 'http://bot.example.com/' });
    expect(response).toMatchObject({ ok: false, error_code: 400 });
  });

  it('the webhook gets a photo with the secret token, and getFile lets the bot download it', async () => {
    await call('setWebhook', { url: 'https://bot.example.com/telegram', secret_token: 's3cret' });
    const picture = await pictureOf(40, 30);
    const arrived = delivered(1);
    await telegram.person.sendFile('red.jpg', 'image/jpeg', picture);
    await arrived;

    const { secret, update } = deliveries[0]!;
    expect(secret).toBe('s3cret');
    const photo = (update.message['photo'] as { file_id: string; width: number; height: number }[])[0]!;
    expect([photo.width, photo.height]).toEqual([40, 30]);
    const file = (await call('getFile', { file_id: photo.file_id })) as { result: { file_path: string } };
    const bytes = await (
      await fetch(`${telegram.apiRoot}/file/bot${telegram.token}/${file.result.file_path}`)
    ).arrayBuffer();
    expect(Buffer.from(bytes).equals(picture)).toBe(true);
  });

  it('a file that is not a valid photo reaches the bot as a document', async () => {
    await call('setWebhook', { url: 'https://bot.example.com/telegram' });
    const arrived = delivered(1);
    await telegram.person.sendFile('notes.jpg', 'image/jpeg', Buffer.from('not a picture'));
    await arrived;
    expect(deliveries[0]?.update.message).toMatchObject({
      document: { file_name: 'notes.jpg', mime_type: 'image/jpeg', file_size: 13 },
    });
  });

  it('an update is delivered with the same id until the webhook responds with 2xx', async () => {
    statuses = [500, 503];
    const arrived = delivered(3);
    telegram.person.sendText('hello');
    await call('setWebhook', { url: 'https://bot.example.com/telegram' });
    await arrived;
    expect(new Set(deliveries.map((delivery) => delivery.update.update_id)).size).toBe(1);
  });

  it('sendPhoto adds the picture with its caption to the chat as a reply', async () => {
    const form = new FormData();
    form.set('chat_id', String(telegram.chat.id));
    form.set('caption', '1 bus');
    form.set('reply_parameters', JSON.stringify({ message_id: 7 }));
    form.set('photo', new File([Uint8Array.from(await pictureOf(40, 30))], 'annotated.jpg'));
    await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendPhoto`, { method: 'POST', body: form });
    const answer = await telegram.chat.answerTo(7, AbortSignal.timeout(1000));
    expect(answer).toMatchObject({
      from: 'bot',
      text: '1 bus',
      file: { name: 'annotated.jpg', kind: 'photo', mimeType: 'image/jpeg' },
    });
  });

  it('sendPhoto refuses a very narrow picture that sendDocument accepts', async () => {
    const send = async (method: string, field: string) => {
      const form = new FormData();
      form.set('chat_id', String(telegram.chat.id));
      form.set(field, new File([Uint8Array.from(await pictureOf(2100, 100))], 'narrow.jpg'));
      const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/${method}`, {
        method: 'POST',
        body: form,
      });
      return response.json();
    };
    expect(await send('sendPhoto', 'photo')).toMatchObject({
      error_code: 400,
      description: 'Bad Request: PHOTO_INVALID_DIMENSIONS',
    });
    expect(await send('sendDocument', 'document')).toMatchObject({ ok: true });
    expect(telegram.chat.messages.at(-1)).toMatchObject({
      from: 'bot',
      file: { name: 'narrow.jpg', kind: 'document', mimeType: 'image/jpeg' },
    });
  });

  it('several photos reach the bot as an album with the caption in the first message', async () => {
    await call('setWebhook', { url: 'https://bot.example.com/telegram' });
    const arrived = delivered(3);
    const photo = { mimeType: 'image/jpeg', bytes: await pictureOf(40, 30) };
    const notes = { name: 'notes.txt', mimeType: 'text/plain', bytes: Buffer.from('words') };
    await telegram.person.sendFiles([{ name: 'a.jpg', ...photo }, notes, { name: 'b.jpg', ...photo }], 'on holiday');
    await arrived;
    const messages = deliveries
      .map(({ update }) => update.message)
      .sort((one, other) => Number(one['message_id']) - Number(other['message_id']));
    expect(messages).toMatchObject([{ photo: [{}], caption: 'on holiday' }, { photo: [{}] }, { document: {} }]);
    expect(messages.map((message) => 'caption' in message)).toEqual([true, false, false]);
    const [first, second, third] = messages.map((message) => message['media_group_id']);
    expect(first).toMatch(/^\d+$/);
    expect([second, third]).toEqual([first, undefined]);
  });

  it('getWebhookInfo tells that the webhook has a custom certificate', async () => {
    const form = new FormData();
    form.set('url', 'https://bot.example.com/telegram');
    form.set('allowed_updates', '["message"]');
    form.set('certificate', new File(['-----BEGIN CERTIFICATE-----'], 'certificate.pem'));
    await fetch(`${telegram.apiRoot}/bot${telegram.token}/setWebhook`, { method: 'POST', body: form });
    expect(await call('getWebhookInfo', {})).toMatchObject({
      result: { has_custom_certificate: true, allowed_updates: ['message'] },
    });
  });

  it('sendMessage to another chat is refused', async () => {
    expect(await call('sendMessage', { chat_id: 5, text: 'hi' })).toMatchObject({
      ok: false,
      description: 'Bad Request: chat not found',
    });
  });

  it.each([
    ['photos', 'sendPhoto', 'photo', 'Bad Request: not enough rights to send photos to the chat'],
    ['documents', 'sendDocument', 'document', 'Bad Request: not enough rights to send documents to the chat'],
  ] as const)('a group can refuse %s', async (right, method, field, description) => {
    telegram.group.botRights[right] = false;
    const form = new FormData();
    form.set('chat_id', String(telegram.group.id));
    form.set(field, new File([Uint8Array.from(await pictureOf(40, 30))], 'annotated.jpg'));
    const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/${method}`, { method: 'POST', body: form });
    expect(await response.json()).toMatchObject({ ok: false, error_code: 400, description });
    expect(await call('sendMessage', { chat_id: telegram.group.id, text: 'a list' })).toMatchObject({ ok: true });
  });

  it('the 21st message of a minute to a group is refused with the time to wait, one to a person is not', async () => {
    const send = (chat_id: number) => call('sendMessage', { chat_id, text: 'hi' });
    for (let sent = 1; sent <= 20; sent += 1) expect(await send(telegram.group.id)).toMatchObject({ ok: true });
    const refused = await send(telegram.group.id);
    expect(refused).toMatchObject({ ok: false, error_code: 429, parameters: { retry_after: expect.any(Number) } });
    expect(await send(telegram.chat.id)).toMatchObject({ ok: true });
  });
});

describe('a group', () => {
  it('all anonymous administrators have one `from`: `sender_chat` says that the group speaks', async () => {
    await call('setWebhook', { url: 'https://bot.example.com/telegram' });
    const arrived = delivered(2);
    telegram.member.sendText('/help@stepkube_bot');
    telegram.anonymousAdmin.sendText('hello');
    await arrived;
    const messages = deliveries.map(({ update }) => update.message);
    const of = (id: number) => messages.find(({ from }) => (from as { id: number }).id === id);
    const chat = { id: telegram.group.id, type: 'supergroup' };
    expect(of(telegram.chat.id)).toMatchObject({ chat, entities: [{ offset: 0, length: 18 }] });
    expect(of(1_087_968_824)).toMatchObject({ chat, sender_chat: { id: telegram.group.id } });
    expect(of(telegram.chat.id)).not.toHaveProperty('sender_chat');
  });
});

const pictureOf = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();

async function call(method: string, body: object): Promise<unknown> {
  const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

function delivered(count: number): Promise<void> {
  return new Promise((resolve) => {
    onDelivery = () => deliveries.length >= count && resolve();
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
