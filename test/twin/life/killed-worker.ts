import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { clientOptions } from '#local/twin.ts';
import { answersTo, sendPhotos } from '#support/photos.ts';
import { queueDepth, samplesFolder } from '#support/twin.ts';
import type { Life } from './life.ts';

/** What a person waits at most when a worker is lost with the picture in hand. */
const limitSeconds = 45;

export function describeKilledWorker(life: Life): void {
  const repliesTo = (id: number) => answersTo(life.twin, [id]);
  // Of an answer that the killed worker was sending nobody knows whether it arrived: then the bot says so.
  const isAnswer = ({ file, text = '' }: ReturnType<typeof repliesTo>[number]) =>
    file !== undefined || text.startsWith('I was interrupted while I was sending');
  const workers = () => life.twin.cluster.view().nodes.filter(({ role, ready }) => role === 'worker' && ready);

  describe('a worker that is killed', () => {
    it(
      'photos sent before, while and after a worker is killed are answered within 45 s, and none twice',
      async () => {
        const photo = await readFile(join(samplesFolder, 'street.jpg'));
        const sent: number[] = [];
        const answers: Promise<void>[] = [];
        const send = async (count: number) => {
          const ids = await sendPhotos(life.twin, count, photo);
          sent.push(...ids);
          for (const id of ids)
            answers.push(expect.poll(() => repliesTo(id).some(isAnswer), { timeout: limitSeconds * 1000 }).toBe(true));
          await answers.at(-1);
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
        for (const queue of ['jobs', 'results'])
          await expect.poll(() => queueDepth(life.twin, queue), { timeout: 60_000 }).toBe(0);
        for (const id of sent)
          expect(repliesTo(id).filter(({ file }) => file).length, String(id)).toBeLessThanOrEqual(1);
        const [group] = life.twin.cloud.view().groups;
        await expect.poll(() => workers().length, { timeout: 60_000 }).toBe(group!.desired);
      },
      4 * 60_000,
    );
  });
}
