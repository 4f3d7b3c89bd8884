import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { clientOptions } from '#local/twin.ts';
import { answersTo, sendPhotos } from '#support/photos.ts';
import { samplesFolder } from '#support/twin.ts';
import type { Life } from './life.ts';

/** What a person waits at most when a worker is lost with the picture in hand. */
const limitSeconds = 45;

export function describeKilledWorker(life: Life): void {
  const workers = () => life.twin.cluster.view().nodes.filter(({ role, ready }) => role === 'worker' && ready);

  describe('a worker that is killed', () => {
    it(
      'photos sent before, while and after a worker is killed are each answered once, none later than 45 s',
      async () => {
        const photo = await readFile(join(samplesFolder, 'street.jpg'));
        const answers: Promise<unknown>[] = [];
        const sent: number[] = [];
        const send = async (count: number) => {
          const ids = await sendPhotos(life.twin, count, photo);
          sent.push(...ids);
          const soon = AbortSignal.timeout(limitSeconds * 1000);
          answers.push(...ids.map((id) => life.twin.telegram.chat.answerTo(id, soon)));
          await answers.at(-count);
        };
        await send(6);
        const [victim] = workers();
        const kill = new TerminateInstancesCommand({ InstanceIds: [victim!.instanceId] });
        await Promise.all([send(6), new EC2Client(clientOptions(life.twin.cloud)).send(kill)]);
        const isThere = () => workers().some(({ instanceId }) => instanceId === victim!.instanceId);
        // One after the other while it goes.
        while (isThere()) await send(1);
        await send(4);
        await Promise.all(answers);
        const replies = answersTo(life.twin, sent);
        expect(replies.map(({ replyTo }) => replyTo).sort()).toEqual([...sent].sort());
        // Of an answer that the killed worker was sending nobody knows whether it arrived: then the bot says so.
        for (const { file, text } of replies)
          expect(file?.mimeType ?? text).toMatch(/^(image\/jpeg|I was interrupted while I was sending)/);
        const [group] = life.twin.cloud.view().groups;
        await expect.poll(() => workers().length, { timeout: 60_000 }).toBe(group!.desired);
      },
      4 * 60_000,
    );
  });
}
