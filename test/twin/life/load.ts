import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Twin } from '#local/twin.ts';
import { answersTo, expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { queueDepth, samplesFolder, startTestTwin } from '#support/twin.ts';

const oneMinute = 60_000;
const fewest = 2;
let twin: Twin;
let large: Buffer;

beforeAll(async () => {
  [twin, large] = await Promise.all([startTestTwin(), largePhoto()]);
  const progress = await twin.follow(await twin.startProvisioning());
  expect(progress.end).toMatchObject({ status: 'SUCCEEDED' });
});
afterAll(() => twin?.stop());

describe('yolo5', () => {
  it('yolo5 gets pods by a burst of photos, gives them back when it rests, and answers every photo once', async () => {
    await expect.poll(() => podsOf('yolo5'), { timeout: oneMinute }).toHaveLength(fewest);
    const most = mostAtOnce();
    // Few enough for the chat's pace, which is thirty answers in half a minute, and large enough to keep the detectors busy.
    const sent = await sendPhotos(twin, 24, large);
    await expectAnsweredOnce(twin, sent);

    await expect.poll(() => podsOf('yolo5'), { timeout: oneMinute }).toHaveLength(fewest);
    expect(most()).toBeGreaterThan(fewest);
    expect(podsOf('yolo5').filter(({ ready, restarts }) => !ready || restarts > 0)).toEqual([]);
  });
});

describe('a rolling update', () => {
  it('a rolling update of the bot and the detector loses no photo of 16 in flight, and answers none twice', async () => {
    const before = podsOf('yolo5', 'polybot').map(({ name }) => name);
    const kubectl = await operator();
    // Large ones take long enough to still be in flight when the pods go.
    const sent = await sendPhotos(twin, 16, large);
    await kubectl('rollout', 'restart', 'deployment/yolo5', 'deployment/polybot');
    expect(answersTo(twin, sent).length).toBeLessThan(sent.length);
    await kubectl('rollout', 'status', 'deployment/yolo5', '--timeout=60s');
    await kubectl('rollout', 'status', 'deployment/polybot', '--timeout=60s');
    await expectAnsweredOnce(twin, sent);

    const old = () => podsOf('yolo5', 'polybot').filter(({ name }) => before.includes(name));
    await expect.poll(old, { timeout: oneMinute }).toEqual([]);
    for (const queue of ['jobs-dead-letters', 'results-dead-letters']) expect(await queueDepth(twin, queue)).toBe(0);
  });
});

const largePhoto = async () =>
  sharp(await readFile(join(samplesFolder, 'street.jpg')))
    .resize(4000)
    .jpeg()
    .toBuffer();

const podsOf = (...services: readonly string[]) =>
  twin.cluster.view().pods.filter(({ name }) => services.some((service) => name.startsWith(`${service}-`)));

/** Watches from now on how many ready pods of yolo5 there are at once. */
function mostAtOnce(): () => number {
  let most = 0;
  twin.context.onChanged(() => {
    most = Math.max(most, podsOf('yolo5').filter(({ ready }) => ready).length);
  });
  return () => most;
}

/** kubectl with every right, in the services' namespace. */
async function operator(): Promise<(...args: readonly string[]) => Promise<unknown>> {
  const file = join(twin.context.root, 'operator.kubeconfig');
  const user = { clientName: 'operator', organizations: ['system:masters'], validitySeconds: 600 };
  await writeFile(file, await twin.cluster.issueKubeconfig(user), { mode: 0o600 });
  const env = { PATH: process.env['PATH'] ?? '', HOME: twin.context.root, KUBECONFIG: file };
  const path = await kubectlPath();
  return (...args) => promisify(execFile)(path, ['-n', 'stepkube', ...args], { env });
}
