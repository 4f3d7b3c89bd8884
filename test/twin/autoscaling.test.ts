import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Twin } from '../../local/twin.ts';
import { samplesFolder, startTestTwin } from '../support/twin.ts';

const oneMinute = 60_000;
const fewest = 2;
let twin: Twin;

beforeAll(async () => {
  twin = await startTestTwin();
  const progress = await twin.follow(await twin.startProvisioning());
  expect(progress.end).toMatchObject({ status: 'SUCCEEDED' });
});
afterAll(() => twin?.stop());

describe('yolo5', () => {
  it('gets pods by a burst of photos, gives them back when it rests, and answers every photo', async () => {
    await expect.poll(workers, { timeout: oneMinute }).toHaveLength(fewest);
    const most = mostAtOnce();
    const photo = await readFile(join(samplesFolder, 'street.jpg'));
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, n) => twin.telegram.person.sendFile(`${n}.jpg`, 'image/jpeg', photo)),
    );
    const deadline = AbortSignal.timeout(oneMinute);
    const answers = await Promise.all(sent.map(({ id }) => twin.telegram.chat.answerTo(id, deadline)));
    for (const { file } of answers) expect(file?.mimeType).toBe('image/jpeg');

    await expect.poll(workers, { timeout: oneMinute }).toHaveLength(fewest);
    expect(most()).toBeGreaterThan(fewest);
    expect(workers().filter(({ ready, restarts }) => !ready || restarts > 0)).toEqual([]);
  });
});

const workers = () => twin.cluster.view().pods.filter(({ name }) => name.startsWith('yolo5-'));

/** Watches from now on how many ready pods there are at once. */
function mostAtOnce(): () => number {
  let most = 0;
  twin.context.onChanged(() => {
    most = Math.max(most, workers().filter(({ ready }) => ready).length);
  });
  return () => most;
}
