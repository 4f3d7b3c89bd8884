import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { RejectionReason } from '@stepkube/shared/contracts/messages.ts';
import type { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import type { ChatMessage } from '#local/telegram/chat.ts';
import { clientOptions, type Twin } from '#local/twin.ts';
import { historyOf, processesUnder, queueDepth, samples, samplesFolder, startTestTwin } from '#support/twin.ts';
import { rejectionText } from '#workloads/polybot/src/wording.ts';

const oneMinute = 60_000;
let twin: Twin;
let first: { progress: ExecutionProgress };

beforeAll(async () => {
  twin = await startTestTwin();
  first = await provision();
});
afterAll(() => twin?.stop());

describe('the first execution', () => {
  it('succeeds with every node and pod ready', () => {
    expect(first.progress.end).toMatchObject({ status: 'SUCCEEDED' });
    const { nodes, pods } = twin.cluster.view();
    expect(nodes.map((node) => [node.role, node.ready]).sort()).toEqual([
      ['control-plane', true],
      ['worker', true],
      ['worker', true],
    ]);
    // What the autoscaler adds because starting took much CPU is nothing that the execution waits for.
    expect(pods.filter((pod) => !pod.ready && !pod.name.startsWith('yolo5-'))).toEqual([]);
    expect(pods.filter((pod) => pod.ready && pod.name.startsWith('yolo5-')).length).toBeGreaterThanOrEqual(2);
    expect(new Set(pods.filter((pod) => pod.real).map((pod) => pod.name.split('-').slice(0, -2).join('-')))).toEqual(
      new Set(workloadNames),
    );
  });

  it('prepares the control plane and the workers at the same time', async () => {
    const { executions } = twin.cloud.view();
    const joins = executions.filter((execution) => execution.machine.endsWith('join-node'));
    const provisioning = executions.find((execution) => execution.machine.endsWith('provision-cluster'))!;
    const credentials = provisioning.states.find((state) => state.name === 'IssueJoinCredentials')!;
    expect(joins).toHaveLength(2);
    for (const join of joins) expect(Date.parse(join.startedAt)).toBeLessThan(Date.parse(credentials.enteredAt));
  });
});

describe('the bot', () => {
  it('answers each sample with its objects and an annotated picture', async () => {
    for (const [name, classes] of await samples()) {
      const answer = await ask(name, await readFile(join(samplesFolder, name)));
      for (const className of classes) expect(answer.text).toContain(className);
      if (classes.length === 0) expect(answer.text).toMatch(/no objects/i);
      const original = await sharp(join(samplesFolder, name)).metadata();
      const annotated = await sharp(answer.file?.bytes).metadata();
      expect([annotated.width, annotated.height]).toEqual([original.width, original.height]);
    }
  });

  it('the bot answers each unusable picture with its own text, and usable ones as before', async () => {
    const street = (await readdir(samplesFolder)).find((name) => name.endsWith('.jpg'))!;
    const picture = sharp(join(samplesFolder, street));
    const bomb = sharp({ create: { width: 10_000, height: 6_000, channels: 3, background: 'white' } });
    const refused: readonly (readonly [name: string, bytes: Buffer, reason: RejectionReason])[] = [
      ['notes.jpg', Buffer.from('these are words, not a picture'), 'not-a-picture'],
      ['empty.jpg', Buffer.alloc(0), 'empty'],
      ['bomb.png', await bomb.png({ compressionLevel: 9 }).toBuffer(), 'too-large'],
    ];
    for (const [name, bytes, reason] of refused) {
      const answer = await ask(name, bytes);
      expect(answer.file, name).toBeUndefined();
      expect(answer.text, name).toBe(rejectionText(reason));
    }
    const usable = {
      'animated.gif': await sharp([await picture.clone().toBuffer(), await picture.clone().flop().toBuffer()], {
        join: { animated: true },
      })
        .gif()
        .toBuffer(),
      'print.jpg': await picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
      'turned.jpg': await picture.clone().rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer(),
      'plain.jpg': await picture.clone().toBuffer(),
    };
    const original = await picture.metadata();
    for (const [name, bytes] of Object.entries(usable)) {
      const answer = await ask(name, bytes);
      const annotated = await sharp(answer.file?.bytes).metadata();
      expect([annotated.width, annotated.height], name).toEqual([original.width, original.height]);
    }
    expect(twin.cluster.view().pods.filter((pod) => pod.restarts > 0)).toEqual([]);
  });

  it('tells of every picture once: metering whose it was, model-analyzer what was on it, neither the other', async () => {
    const { messages, personId } = twin.telegram.chat;
    const pictures = messages.filter(({ from, file }) => from === 'user' && file).length;
    const ofPeople = await eventsIn('metering', pictures);
    const ofModels = await eventsIn('model-analyzer', pictures);
    expect(ofPeople).not.toMatch(/label|sha256|width/);
    expect(ofPeople).toContain(`"${personId}"`);
    expect(ofModels).toMatch(/"label":"\w+"/);
    expect(ofModels).not.toMatch(new RegExp(`user|bytes|${personId}`));
    for (const queue of ['jobs', 'metering', 'model-analyzer', 'predictions'])
      expect(await queueDepth(twin, `${queue}-dead-letters`), queue).toBe(0);
  });

  it('tells a person what they have used, by asking metering', async () => {
    const before = twin.telegram.chat.messages.length;
    twin.telegram.person.sendText('/usage');
    const answer = await nextFromBot(before);
    expect(answer.text).toMatch(/[1-9]\d* pictures?/);
  });

  it.each([
    ['no secret token', {}, 401],
    ['another secret token', { 'x-telegram-bot-api-secret-token': 'guessed' }, 403],
  ])('refuses a webhook call with %s and enqueues nothing', async (_name, headers, status) => {
    const messages = twin.telegram.chat.messages.length;
    const { host, port } = twin.cluster.resolveLoadBalancer(443)!;
    const response = await fetch(`http://${host}:${port}/telegram`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        update_id: 1,
        message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: '/start' },
      }),
    });
    expect(response.status).toBe(status);
    expect(await queueDepth(twin, 'jobs')).toBe(0);
    expect(twin.telegram.chat.messages).toHaveLength(messages);
  });
});

describe('a second execution on the healthy cluster', () => {
  it('finds every step done and changes nothing', async () => {
    const before = await fingerprint();
    const { progress } = await provision();
    expect(progress.end).toMatchObject({ status: 'SUCCEEDED' });
    expect(await fingerprint()).toEqual(before);
  });
});

describe('secrets', () => {
  it('appear in no history, log, command or page', async () => {
    const secrets = [twin.telegram.token, ...(await storedSecrets())];
    expect(secrets.length).toBeGreaterThanOrEqual(6);
    const produced = await everythingProduced();
    expect(produced.size).toBeGreaterThan(10);
    for (const [source, text] of produced) {
      for (const secret of secrets) expect(text.includes(secret), `a secret in ${source}`).toBe(false);
    }
  });
});

describe('stopping', () => {
  it('leaves no process, port or folder', async () => {
    const { root } = twin.context;
    const { url, cloud } = twin;
    expect((await processesUnder(root)).length).toBeGreaterThan(0);
    await twin.stop();
    expect(await processesUnder(root)).toEqual([]);
    expect(existsSync(root)).toBe(false);
    for (const address of [url, cloud.endpoint, twin.telegram.apiRoot]) await expect(fetch(address)).rejects.toThrow();
  });
});

async function provision() {
  return { progress: await twin.follow(await twin.startProvisioning()) };
}

async function ask(name: string, bytes: Uint8Array) {
  const types: Record<string, string> = { gif: 'image/gif', png: 'image/png', jpg: 'image/jpeg' };
  const message = await twin.telegram.person.sendFile(name, types[name.split('.').at(-1)!]!, bytes);
  return twin.telegram.chat.answerTo(message.id, AbortSignal.timeout(oneMinute));
}

/** The bot's first message after the given number of messages. */
function nextFromBot(after: number): Promise<ChatMessage> {
  return new Promise((resolve) => {
    const look = () => {
      const answer = twin.telegram.chat.messages.slice(after).find((message) => message.from === 'bot');
      if (answer === undefined) return;
      unsubscribe();
      resolve(answer);
    };
    const unsubscribe = twin.telegram.chat.onChange(look);
    look();
  });
}

/** The events that a consumer has stored, as text, when there are as many as expected. */
async function eventsIn(consumer: string, count: number): Promise<string> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions(twin.cloud)));
  const events = async () =>
    ((await client.send(new ScanCommand({ TableName: `stepkube-${consumer}` }))).Items ?? []).filter(
      ({ event }) => event,
    );
  await expect.poll(events, { timeout: oneMinute, message: consumer }).toHaveLength(count);
  return JSON.stringify(await events());
}

/** What a needless change would touch: instances, pods and the versions of the secrets. */
async function fingerprint(): Promise<object> {
  const client = new SecretsManagerClient(clientOptions(twin.cloud));
  const versions = await Promise.all(
    secretNames.map(async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).VersionId),
  );
  const { instances } = twin.cloud.view();
  const { nodes, pods } = twin.cluster.view();
  return {
    versions,
    instances: instances.map((i) => [i.instanceId, i.state]),
    nodes,
    // How many pods yolo5 has is its autoscaler's business: of them only the template counts.
    pods: [...new Set(pods.map((pod) => `${pod.name.replace(/^(yolo5-\w+)-\w+$/, '$1')} ${pod.restarts}`))].sort(),
  };
}

const secretNames = ['telegram', 'join', 'kubeconfig/deployer', 'kubeconfig/viewer', 'kubeconfig/drainer'].map(
  (name) => `stepkube/${name}`,
);

/** The secret part of each stored secret: webhook secret, join token, client keys. */
async function storedSecrets(): Promise<string[]> {
  const client = new SecretsManagerClient(clientOptions(twin.cloud));
  const values = await Promise.all(
    secretNames.map(async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString!),
  );
  const patterns = [/"webhookSecret":"([^"]+)"/, /"token":"([^"]+)"/, /client-key-data: "?([\w+/=]+)/];
  return values.flatMap((value) => patterns.flatMap((pattern) => pattern.exec(value)?.[1] ?? []));
}

/** Histories of all executions, every log file of the run, and what the page gets. */
async function everythingProduced(): Promise<Map<string, string>> {
  const produced = new Map<string, string>();
  for (const { arn } of twin.cloud.view().executions) produced.set(arn, JSON.stringify(await historyOf(twin, arn)));
  const entries = await readdir(twin.context.root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile() && candidate.name.endsWith('.log'))) {
    const file = join(entry.parentPath, entry.name);
    produced.set(file, await readFile(file, 'utf8'));
  }
  const page = await fetch(`${twin.url}/api/snapshots`);
  const { value } = await page.body!.getReader().read();
  produced.set('the page', new TextDecoder().decode(value));
  return produced;
}
