import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2Client, RebootInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { clientOptions } from '#local/twin.ts';
import { expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { samplesFolder } from '#support/twin.ts';
import type { Life } from './life.ts';

const oneMinute = 60_000;
const daySeconds = 86_400;

export function describeControlPlaneOff(life: Life): void {
  const controlPlane = () => life.twin.cloud.view().instances.find(({ role }) => role === 'control-plane')!;
  const ec2 = () => new EC2Client(clientOptions(life.twin.cloud));
  // Those of yolo5 come and go with its load.
  const servingPods = () =>
    life
      .podsOf('polybot', 'metering', 'model-analyzer', 'coredns')
      .filter(({ ready }) => ready)
      .map(({ name }) => name)
      .sort();
  const isAgentOnline = () => controlPlane().state === 'running' && controlPlane().agent === 'Online';

  describe('a control plane that is away', () => {
    it(
      'after a reboot it comes back by itself, and no pod was replaced meanwhile',
      async () => {
        const before = servingPods();
        await ec2().send(new RebootInstancesCommand({ InstanceIds: [controlPlane().instanceId] }));
        await expect.poll(isAgentOnline, { timeout: oneMinute, interval: 20 }).toBe(false);
        await expect.poll(isAgentOnline, { timeout: oneMinute }).toBe(true);
        await life.kubectl('get', 'nodes');
        expect(servingPods()).toEqual(before);
      },
      2 * oneMinute,
    );

    it(
      'photos are answered while it is off, each once',
      async () => {
        const photo = await readFile(join(samplesFolder, 'street.jpg'));
        const sent = await sendPhotos(life.twin, 4, photo);
        await ec2().send(new StopInstancesCommand({ InstanceIds: [controlPlane().instanceId] }));
        await expect.poll(() => controlPlane().state, { timeout: oneMinute }).toBe('stopped');
        await expect(life.kubectl('get', 'nodes')).rejects.toThrow('was refused');
        sent.push(...(await sendPhotos(life.twin, 6, photo)));
        await expectAnsweredOnce(life.twin, sent);
      },
      2 * oneMinute,
    );

    it(
      'after three days without it one execution brings it back, and a worker joins by the group alone',
      async () => {
        expect(controlPlane().state).toBe('stopped');
        life.twin.context.time.moveAhead(3 * daySeconds);
        await life.run('provision-cluster', {});
        const { desired } = life.twin.cloud.view().groups[0]!;
        await life.scaleTo(desired + 1);
        await expect.poll(() => life.readyWorkers(), { timeout: oneMinute }).toBe(desired + 1);
        expect(life.failures).toEqual([]);
      },
      3 * oneMinute,
    );
  });
}
