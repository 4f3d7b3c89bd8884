import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

beforeEach(async () => {
  chat = new Chat();
  executionsStarted = 0;
  samplesFolder = await mkdtemp(join(tmpdir(), 'stepkube-samples-'));
  await writeFile(join(samplesFolder, 'street.jpg'), 'jpeg');
  const about = {
    clusterName: 'stepkube',
    region: 'us-east-1',
    model: 'demo model',
    timeScale: 20,
    samples: ['street.jpg'],
  };
  const cloud = { executions: [], instances: [], queues: [] };
  page = await startConsole({
    port: 0,
    snapshot: () => takeSnapshot(about, cloud, { nodes: [], pods: [] }, chat),
    chat,
    person: new Person(chat, new WebhookSender(() => undefined, stopping.signal)),
    samplesFolder,
    usage: async () => ({ reportUrl: 'http://127.7.253.1:61080' }),
    startExecution: async () => void executionsStarted++,
  });
});

afterEach(async () => {
  await page.stop();
  await rm(samplesFolder, { recursive: true });
});

describe('the page server', () => {
  it('tells the usage and where the report is', async () => {
    const response = await fetch(`${page.url}/api/usage`);

    expect(await response.json()).toEqual({ reportUrl: 'http://127.7.253.1:61080' });
  });

  it('pushes a new snapshot when something changed', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${page.url}/api/snapshots`, { signal: leaving.signal });
    const snapshots = snapshotsOf(response);
    expect((await snapshots.next()).value.chat.messages).toEqual([]);

    chat.add({ from: 'bot', text: 'hello' });
    page.changed();
    expect((await snapshots.next()).value.chat.messages).toMatchObject([{ from: 'bot', text: 'hello' }]);
    leaving.abort();
  });

  it('puts a dropped file into the chat and serves it back', async () => {
    const form = new FormData();
    form.set('file', new File(['words'], 'notes.txt', { type: 'text/plain' }));
    const response = await fetch(`${page.url}/api/files`, { method: 'POST', body: form });
    expect(response.status).toBe(202);
    expect(chat.messages).toMatchObject([{ from: 'user', file: { name: 'notes.txt', kind: 'document' } }]);

    const file = await fetch(`${page.url}/api/files/${chat.messages[0]?.file?.id}`);
    expect(file.headers.get('content-type')).toBe('application/octet-stream');
    expect(await file.text()).toBe('words');
  });

  it('puts files that come together into the chat with what was written', async () => {
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

  it('offers the samples and nothing else of their folder', async () => {
    expect(await (await fetch(`${page.url}/api/samples/street.jpg`)).text()).toBe('jpeg');
    expect((await fetch(`${page.url}/api/samples/..%2Fpasswd`)).status).toBe(404);
  });

  it('starts an execution', async () => {
    expect((await fetch(`${page.url}/api/executions`, { method: 'POST' })).status).toBe(202);
    expect(executionsStarted).toBe(1);
  });

  it('refuses other sites', async () => {
    const response = await fetch(`${page.url}/api/executions`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(response.status).toBe(403);
    expect(executionsStarted).toBe(0);
  });

  it('rejects an empty message in one line', async () => {
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
