import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '#local/console/actions.ts';
import { type Console, startConsole } from '#local/console/server.ts';
import { takeSnapshot } from '#local/console/snapshot.ts';
import { Chat } from '#local/telegram/chat.ts';
import { Person } from '#local/telegram/person.ts';
import { WebhookSender } from '#local/telegram/webhook.ts';

const stopping = new AbortController();
let chat: Chat;
let page: Console;
let samplesFolder: string;
let executionsStarted: number;
let actions: Action[];

beforeAll(async () => {
  chat = new Chat(42, 'private');
  samplesFolder = await mkdtemp(join(tmpdir(), 'stepkube-samples-'));
  await writeFile(join(samplesFolder, 'street.jpg'), 'jpeg');
  const about = {
    time: '2026-11-26T18:00:00.000Z',
    clusterName: 'stepkube',
    region: 'us-east-1',
    model: 'demo model',
    timeScale: 20,
    samples: ['street.jpg'],
  };
  const cloud = { executions: [], instances: [], groups: [], queues: [], alarms: [], notifications: [] };
  page = await startConsole({
    port: 0,
    snapshot: () => takeSnapshot(about, cloud, { nodes: [], pods: [] }, chat),
    chat,
    person: new Person(chat, new WebhookSender(() => undefined, stopping.signal, 250), {
      from: { id: 42, is_bot: false, first_name: 'You' },
    }),
    samplesFolder,
    usage: async () => ({ reportUrl: 'http://127.7.253.1:61080' }),
    startExecution: async () => void executionsStarted++,
    inspect: async ({ executionArn, name }) =>
      executionArn === 'arn:aws:states:us-east-1:1:execution:m:e' && name === 'Work'
        ? { name, attempts: [] }
        : undefined,
    act: async (action) => {
      if (action.action === 'kill') throw new Error('The instance ID does not exist');
      actions.push(action);
    },
  });
});

beforeEach(() => {
  executionsStarted = 0;
  actions = [];
});

afterAll(async () => {
  stopping.abort();
  await page.stop();
  await rm(samplesFolder, { recursive: true });
});

/** As it is: fetch would normalize the path. */
function rawGet(url: string, path: string): Promise<{ readonly status: number | undefined }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path }, (response) => {
      response.resume();
      resolve({ status: response.statusCode });
    }).on('error', reject);
  });
}

const act = (body: unknown) =>
  fetch(`${page.url}/api/actions`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

describe('actions of the page', () => {
  it('an action is done', async () => {
    expect((await act({ action: 'scale', workers: 3 })).status).toBe(202);
    expect((await act({ action: 'moveClock', days: 30 })).status).toBe(202);
    expect(actions).toEqual([
      { action: 'scale', workers: 3 },
      { action: 'moveClock', days: 30 },
    ]);
  });

  it('what AWS says against an action is shown to the person, without a stack', async () => {
    const response = await act({ action: 'kill', instanceId: 'i-0123456789abcdef0' });
    expect([response.status, await response.text()]).toEqual([409, 'The instance ID does not exist']);
  });

  it.each([{ action: 'scale', workers: -1 }, { action: 'drain', instanceId: 'worker' }, { action: 'explode' }, null])(
    '%j is refused with 400',
    async (body) => {
      const response = await act(body);
      expect(response.status).toBe(400);
      expect(actions).toEqual([]);
    },
  );
});

describe('HTTP interface of the page', () => {
  it.each([
    { name: 'no JSON', path: '/api/messages', body: '{"text":', status: 400 },
    { name: 'null', path: '/api/messages', body: 'null', status: 400 },
    { name: 'a form that is none', path: '/api/files', body: 'text', status: 400 },
  ])('a body that is $name is refused with $status and no stack', async ({ path, body, status }) => {
    const response = await fetch(`${page.url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/\bat |Error/);
  });

  it('a page whose origin is null, as of a sandboxed frame, is refused with 403', async () => {
    const response = await fetch(`${page.url}/api/executions`, { method: 'POST', headers: { origin: 'null' } });
    expect([response.status, executionsStarted]).toEqual([403, 0]);
  });

  it('GET // is 404', async () => {
    expect((await rawGet(page.url, '//')).status).toBe(404);
  });

  it('GET /api/usage returns the usage and the address of the report', async () => {
    const response = await fetch(`${page.url}/api/usage`);

    expect(await response.json()).toEqual({ reportUrl: 'http://127.7.253.1:61080' });
  });

  it('GET /api/snapshots streams a new snapshot after a change', async () => {
    const before = chat.messages.length;
    const leaving = new AbortController();
    const response = await fetch(`${page.url}/api/snapshots`, { signal: leaving.signal });
    const snapshots = snapshotsOf(response);
    expect((await snapshots.next()).value.chat.messages).toHaveLength(before);

    chat.add({ from: 'bot', text: 'hello' });
    page.changed();
    const { messages } = (await snapshots.next()).value.chat;
    expect(messages.slice(before)).toMatchObject([{ from: 'bot', text: 'hello' }]);
    leaving.abort();
  });

  it('POST /api/files sends a file to the chat, and GET /api/files returns it', async () => {
    const form = new FormData();
    form.set('file', new File(['words'], 'notes.txt', { type: 'text/plain' }));
    const response = await fetch(`${page.url}/api/files`, { method: 'POST', body: form });
    expect(response.status).toBe(202);
    const message = chat.messages.at(-1);
    expect(message).toMatchObject({ from: 'user', file: { name: 'notes.txt', kind: 'document' } });

    const file = await fetch(`${page.url}/api/files/${message?.file?.id}`);
    expect(file.headers.get('content-type')).toBe('application/octet-stream');
    expect(await file.text()).toBe('words');
  });

  it('POST /api/files sends several files as an album with the caption in the first message', async () => {
    const before = chat.messages.length;
    const form = new FormData();
    for (const name of ['a.txt', 'b.txt']) form.append('file', new File(['words'], name, { type: 'text/plain' }));
    form.set('caption', 'both of them');
    const response = await fetch(`${page.url}/api/files`, { method: 'POST', body: form });
    expect(await response.json()).toEqual({ ids: [before + 1, before + 2] });
    const [first, second] = chat.messages.slice(before);
    expect([first!.text, second!.text]).toEqual(['both of them', undefined]);
    expect(first!.albumId).toBeDefined();
    expect(second!.albumId).toBe(first!.albumId);
  });

  it('GET /api/samples returns sample pictures and no other file', async () => {
    expect(await (await fetch(`${page.url}/api/samples/street.jpg`)).text()).toBe('jpeg');
    expect((await fetch(`${page.url}/api/samples/..%2Fpasswd`)).status).toBe(404);
  });

  it('POST /api/executions starts an execution', async () => {
    expect((await fetch(`${page.url}/api/executions`, { method: 'POST' })).status).toBe(202);
    expect(executionsStarted).toBe(1);
  });

  it('requests from other sites are refused', async () => {
    const response = await fetch(`${page.url}/api/executions`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(response.status).toBe(403);
    expect(executionsStarted).toBe(0);
  });

  it('POST /api/messages refuses an empty text with one line that says what is allowed', async () => {
    const response = await fetch(`${page.url}/api/messages`, { method: 'POST', body: JSON.stringify({ text: ' ' }) });
    expect([response.status, await response.text()]).toEqual([400, 'text: 1 to 4096 characters']);
  });
});

async function* snapshotsOf(response: Response) {
  let buffered = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    buffered += chunk;
    const messages = buffered.split('\n\n');
    buffered = messages.pop() ?? '';
    for (const message of messages) yield JSON.parse(message.replace(/^data: /, ''));
  }
}

it("a state's details are served by its execution's ARN and its name, and one that was not entered is not found", async () => {
  const arn = encodeURIComponent('arn:aws:states:us-east-1:1:execution:m:e');
  const found = await fetch(`${page.url}/api/executions/${arn}/states/Work`);
  expect(await found.json()).toEqual({ name: 'Work', attempts: [] });
  const missing = await fetch(`${page.url}/api/executions/${arn}/states/Rest`);
  expect(missing.status).toBe(404);
  expect(await missing.text()).toBe('Rest was not entered');
});
