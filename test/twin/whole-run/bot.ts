import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { RejectionReason } from '@stepkube/shared/contracts/messages.ts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '#local/telegram/chat.ts';
import { clientOptions, type Twin } from '#local/twin.ts';
import { queueDepth, samples, samplesFolder } from '#support/twin.ts';
import { rejectionText, wording } from '#workloads/polybot/src/wording.ts';
import type { WholeRun } from './whole-run.ts';

const oneMinute = 60_000;
/** Measuring it by drawing it would take minutes and gigabytes. */
const hostileSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1e6 1e6" stroke="red" stroke-width="9" stroke-dasharray="0.01"/></svg>',
);

/** What people send, and what comes back. */
export function describeBot(run: WholeRun): void {
  describe('the bot', () => {
    it('the bot answers each sample with its objects and an annotated picture', async () => {
      for (const [name, classes] of await samples()) {
        const answer = await ask(run.twin, name, await readFile(join(samplesFolder, name)));
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
        ['hostile.jpg', hostileSvg, 'not-a-picture'],
        ['bomb.png', await bomb.png({ compressionLevel: 9 }).toBuffer(), 'too-large'],
      ];
      for (const [name, bytes, reason] of refused) {
        const answer = await ask(run.twin, name, bytes);
        expect(answer.file, name).toBeUndefined();
        expect(answer.text, name).toBe(rejectionText({ reason }));
      }
      const animated = await sharp([await picture.clone().toBuffer(), await picture.clone().flop().toBuffer()], {
        join: { animated: true },
      })
        .gif()
        .toBuffer();
      expect((await ask(run.twin, 'animated.gif', animated)).text).toBe(wording.animation);
      const usable = {
        'still.gif': await picture.clone().gif().toBuffer(),
        'print.jpg': await picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
        'turned.jpg': await picture.clone().rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer(),
        'plain.jpg': await picture.clone().toBuffer(),
      };
      const original = await picture.metadata();
      for (const [name, bytes] of Object.entries(usable)) {
        const answer = await ask(run.twin, name, bytes);
        const annotated = await sharp(answer.file?.bytes).metadata();
        expect([annotated.width, annotated.height], name).toEqual([original.width, original.height]);
      }
      expect(run.twin.cluster.view().pods.filter((pod) => pod.restarts > 0)).toEqual([]);
    });

    it('metering and model-analyzer hear of every picture once: one whose it was, the other what was on it', async () => {
      const { messages, id: personId } = run.twin.telegram.chat;
      const pictures = messages.filter(
        ({ from, file }) => from === 'user' && file !== undefined && file.kind !== 'animation',
      ).length;
      const ofPeople = await eventsIn(run.twin, 'metering', pictures);
      const ofModels = await eventsIn(run.twin, 'model-analyzer', pictures);
      expect(ofPeople).not.toMatch(/label|sha256|width/);
      expect(ofPeople).toContain(`"${personId}"`);
      expect(ofModels).toMatch(/"label":"\w+"/);
      expect(ofModels).not.toMatch(new RegExp(`user|bytes|${personId}`));
      for (const queue of ['jobs', 'metering', 'model-analyzer', 'predictions'])
        expect(await queueDepth(run.twin, `${queue}-dead-letters`), queue).toBe(0);
    });

    it('/usage is answered with what metering has counted', async () => {
      const before = run.twin.telegram.chat.messages.length;
      run.twin.telegram.person.sendText('/usage');
      const answer = await nextFromBot(run.twin, before);
      expect(answer.text).toMatch(/[1-9]\d* pictures?/);
    });

    it.each([
      ['no secret token', {}, 401],
      ['another secret token', { 'x-telegram-bot-api-secret-token': 'guessed' }, 403],
    ])('a webhook call with %s is refused and enqueues nothing', async (_name, headers, status) => {
      const messages = run.twin.telegram.chat.messages.length;
      const { host, port } = run.twin.cluster.resolveLoadBalancer(443)!;
      const response = await fetch(`http://${host}:${port}/telegram`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          update_id: 1,
          message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: '/start' },
        }),
      });
      expect(response.status).toBe(status);
      expect(await queueDepth(run.twin, 'jobs')).toBe(0);
      expect(run.twin.telegram.chat.messages).toHaveLength(messages);
    });
  });
}

async function ask(twin: Twin, name: string, bytes: Uint8Array) {
  const types: Record<string, string> = { gif: 'image/gif', png: 'image/png', jpg: 'image/jpeg' };
  const message = await twin.telegram.person.sendFile(name, types[name.split('.').at(-1)!]!, bytes);
  return twin.telegram.chat.answerTo(message.id, AbortSignal.timeout(oneMinute));
}

/** The bot's first message after the given number of messages. */
function nextFromBot(twin: Twin, after: number): Promise<ChatMessage> {
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
async function eventsIn(twin: Twin, consumer: string, count: number): Promise<string> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions(twin.cloud)));
  const events = async () =>
    ((await client.send(new ScanCommand({ TableName: `stepkube-${consumer}` }))).Items ?? []).filter(
      ({ event }) => event,
    );
  await expect.poll(events, { timeout: oneMinute, message: consumer }).toHaveLength(count);
  return JSON.stringify(await events());
}
