import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import type { DrainProgress } from '#lambdas/drain-node/drain.ts';
import { clientOptions } from '#local/twin.ts';
import { expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { samplesFolder } from '#support/twin.ts';
import type { Life } from './life.ts';

const oneMinute = 60_000;
const daySeconds = 86_400;

export function describeAnyDay(life: Life): void {
  describe('where pods run', () => {
    it('each worker has one pod of CoreDNS and of yolo5: a node that is lost silences nobody', async () => {
      const { nodes } = life.twin.cluster.view();
      const workers = nodes.filter(({ role }) => role === 'worker').map(({ name }) => name);
      const nodesOf = (service: string) =>
        life
          .podsOf(service)
          .map(({ node }) => node)
          .toSorted();
      // After a burst yolo5 has more for a while.
      for (const service of ['coredns', 'yolo5'])
        await expect.poll(() => nodesOf(service), { timeout: oneMinute }).toEqual(workers.toSorted());
    });
  });

  describe('a worker that joins', () => {
    // Each day goes on from the one before.
    it.each([
      { day: 2, ahead: 2, workers: 3, asks: true, rotates: 'join-node asks for a new token' },
      { day: 30, ahead: 28, workers: 4, asks: true, rotates: 'join-node asks for a new token' },
      { day: 100, ahead: 70, workers: 5, asks: false, rotates: 'the kubeconfigs of day 0 have ended as well' },
    ])('a worker joins on day $day by a scale-out of the group alone: $rotates', async ({ ahead, workers, asks }) => {
      life.twin.context.time.moveAhead(ahead * daySeconds);
      await life.scaleTo(workers);
      await expect.poll(() => life.readyWorkers(), { timeout: oneMinute }).toBe(workers);
      await expect.poll(joinsInProgress, { timeout: oneMinute }).toBe(0);
      expect(life.failures).toEqual([]);
      if (asks) expect(latestJoin().states.map(({ name }) => name)).toContain('RotateJoinToken');
    });
  });

  describe('rotate-credentials', () => {
    it('a rotation stores a new token, and ends the old one only half an hour later', async () => {
      const old = await storedToken();
      life.twin.context.time.moveAhead(13 * 3600);
      await life.run('rotate-credentials', { kind: 'joinToken' });
      expect((await storedToken()).token).not.toBe(old.token);
      expect(await isKnown(old.token)).toBe(true);
      life.twin.context.time.moveAhead(31 * 60);
      expect(await isKnown(old.token)).toBe(false);
      expect(await isKnown((await storedToken()).token)).toBe(true);
    });
  });

  describe('a worker that leaves', () => {
    it(
      'a scale-in by the group alone drains each node before its instance ends: no photo is lost, although the event of one is',
      async () => {
        const before = members().length;
        const photo = await readFile(join(samplesFolder, 'street.jpg'));
        const sent = await sendPhotos(life.twin, 8, photo);
        await life.scaleTo(before - 2);
        // One after the other while the nodes go, within the chat's pace of thirty answers in half a minute.
        while (members().length > before - 2 && sent.length < 20) {
          const [id] = await sendPhotos(life.twin, 1, photo);
          sent.push(id!);
          await life.twin.telegram.chat.answerTo(id!, AbortSignal.timeout(oneMinute));
        }
        await expect.poll(() => members().length, { timeout: 2 * oneMinute }).toBe(before - 2);
        await expectAnsweredOnce(life.twin, sent);
        await expect
          .poll(() => life.executionsOf('drain-node').map(({ status }) => status), { timeout: oneMinute })
          .toEqual(['SUCCEEDED', 'SUCCEEDED']);
        const outputs = await Promise.all(
          life.executionsOf('drain-node').map(({ arn }) => life.outputOf<DrainProgress>(arn)),
        );
        for (const output of outputs) expect(output).toMatchObject({ outcome: 'drained', forced: [], left: [] });
        expect(outputs.flatMap(({ evicted }) => evicted)).toContainEqual(expect.stringMatching(/^stepkube\//));
        expect(life.failures).toEqual([]);
        expect(life.executionsOf('drain-node').filter(({ arn }) => arn.includes(':reconcile-i-'))).toHaveLength(1);
        const isServing = () =>
          life.twin.cluster.view().pods.every(({ phase }) => phase === 'Running' || phase === 'Succeeded');
        await expect.poll(isServing, { timeout: oneMinute }).toBe(true);
      },
      4 * oneMinute,
    );
  });

  const isKnown = async (token: string) =>
    (await life.twin.cluster.listTokens()).some((known) => known.token === token);

  async function storedToken(): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const secrets = new SecretsManagerClient(clientOptions(life.twin.cloud));
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'stepkube/join' }));
    return JSON.parse(SecretString!);
  }

  const joins = () => life.executionsOf('join-node');
  const members = () => life.twin.cloud.view().instances.filter(({ role }) => role === 'worker');
  const latestJoin = () => joins().toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]!;
  const joinsInProgress = () => joins().filter(({ status }) => status === 'RUNNING').length;
}
