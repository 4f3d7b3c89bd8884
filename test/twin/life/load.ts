import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { answersTo, expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { queueDepth, samplesFolder } from '#support/twin.ts';
import type { Life } from './life.ts';

const oneMinute = 60_000;
const fewest = 2;

export function describeLoad(life: Life): void {
  let large: Buffer;
  beforeAll(async () => {
    large = await largePhoto();
  });

  describe('yolo5', () => {
    it('yolo5 gets pods by a burst of photos, gives them back when it rests, and answers every photo once', async () => {
      await expect.poll(() => life.podsOf('yolo5'), { timeout: oneMinute }).toHaveLength(fewest);
      const most = mostAtOnce(life);
      // Few enough for the chat's pace, which is thirty answers in half a minute, and large enough to keep the detectors busy.
      const sent = await sendPhotos(life.twin, 24, large);
      await expectAnsweredOnce(life.twin, sent);

      await expect.poll(() => life.podsOf('yolo5'), { timeout: oneMinute }).toHaveLength(fewest);
      expect(most()).toBeGreaterThan(fewest);
      expect(life.podsOf('yolo5').filter(({ ready, restarts }) => !ready || restarts > 0)).toEqual([]);
    });
  });

  describe('a rolling update', () => {
    it('a rolling update of the bot and the detector loses no photo of 16 in flight, and answers none twice', async () => {
      const before = life.podsOf('yolo5', 'polybot').map(({ name }) => name);
      // Large ones take long enough to still be in flight when the pods go.
      const sent = await sendPhotos(life.twin, 16, large);
      await life.kubectl('-n', 'stepkube', 'rollout', 'restart', 'deployment/yolo5', 'deployment/polybot');
      expect(answersTo(life.twin, sent).length).toBeLessThan(sent.length);
      await life.kubectl('-n', 'stepkube', 'rollout', 'status', 'deployment/yolo5', '--timeout=60s');
      await life.kubectl('-n', 'stepkube', 'rollout', 'status', 'deployment/polybot', '--timeout=60s');
      await expectAnsweredOnce(life.twin, sent);

      const old = () => life.podsOf('yolo5', 'polybot').filter(({ name }) => before.includes(name));
      await expect.poll(old, { timeout: oneMinute }).toEqual([]);
      for (const queue of ['jobs-dead-letters', 'results-dead-letters'])
        expect(await queueDepth(life.twin, queue)).toBe(0);
    });
  });
}

const largePhoto = async () =>
  sharp(await readFile(join(samplesFolder, 'street.jpg')))
    .resize(4000)
    .jpeg()
    .toBuffer();

/** Watches from now on how many ready pods of yolo5 there are at once. */
function mostAtOnce(life: Life): () => number {
  let most = 0;
  life.twin.context.onChanged(() => {
    most = Math.max(most, life.podsOf('yolo5').filter(({ ready }) => ready).length);
  });
  return () => most;
}
