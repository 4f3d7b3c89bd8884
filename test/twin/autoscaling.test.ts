import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { clientOptions } from '#local/twin.ts';
import { expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { samplesFolder, startTestTwin } from '#support/twin.ts';
import config from '../../cluster.config.ts';
import { Life } from './life/life.ts';

const oneMinute = 60_000;
const autoscaled = parseConfig({
  ...config,
  workers: { ...config.workers, min: 1, desired: 1, max: 2, autoscaling: true },
});
const autoscalerTag = 'k8s.io/cluster-autoscaler/enabled';

const life = new Life();
let folder: string;
let photo: Buffer;
beforeAll(async () => {
  photo = await readFile(join(samplesFolder, 'street.jpg'));
  folder = await mkdtemp(join(tmpdir(), 'stepkube-autoscaled-'));
  await assemble(autoscaled, folder, AbortSignal.timeout(120_000));
  life.twin = await startTestTwin(['join-fails:worker:3'], { config: autoscaled, assemblyFolder: folder });
});
afterAll(async () => {
  await life.stop();
  await rm(folder, { recursive: true, force: true });
});

async function group() {
  const client = new AutoScalingClient(clientOptions(life.twin.cloud));
  const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand({}));
  const { DesiredCapacity, Tags = [] } = AutoScalingGroups![0]!;
  return { desired: DesiredCapacity, isAutoscaled: Tags.some(({ Key }) => Key === autoscalerTag) };
}

describe('launches that cannot succeed', () => {
  it('after three failed joins the group launches no more and the topic hears the cause, until somebody raises the capacity', async () => {
    const provisioning = life.twin.follow(await life.twin.startProvisioning());
    const told = () => life.twin.cloud.view().notifications.filter(({ subject }) => subject.includes('launch-loop'));
    await expect.poll(told, { timeout: oneMinute, interval: 200 }).toHaveLength(1);
    expect(told()[0]!.text).toMatch(/join-node on i-[0-9a-f]{17} failed with exit code 1/);
    await expect.poll(group, { timeout: oneMinute }).toEqual({ desired: 0, isAutoscaled: false });

    await life.scaleTo(1);
    expect((await provisioning).end).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('the cluster autoscaler', () => {
  it('provisioning gives a group that was stopped back to the autoscaler', async () => {
    expect(await group()).toEqual({ desired: 1, isAutoscaled: false });
    await life.run('provision-cluster', {});
    expect(await group()).toEqual({ desired: 1, isAutoscaled: true });
  });

  it('a pod that finds no room brings a worker, which leaves by a drain when nobody has needed it for ten minutes', async () => {
    const failedBefore = life.failures;
    await life.kubectl('apply', '-f', await guest());
    await life.kubectl('-n', 'stepkube', 'rollout', 'status', 'deployment/guest', '--timeout=120s');
    // Its node is Ready a moment before its launch is completed.
    await expect.poll(() => life.readyWorkers(), { timeout: oneMinute }).toBe(2);

    await life.kubectl('-n', 'stepkube', 'delete', 'deployment/guest');
    const sent = await sendPhotos(life.twin, 4, photo);
    await expect.poll(() => life.readyWorkers(), { timeout: 3 * oneMinute }).toBe(1);
    await expect
      .poll(() => life.executionsOf('drain-node').map(({ status }) => status), { timeout: oneMinute })
      .toContain('SUCCEEDED');
    await expectAnsweredOnce(life.twin, sent);
    expect(life.failures).toEqual(failedBefore);
  });
});

/** A Deployment of one pod that has no room beside the services. @returns path of its manifest */
async function guest(): Promise<string> {
  const labels = { app: 'guest' };
  const container = {
    name: 'guest',
    image: 'registry.k8s.io/pause:3.10',
    resources: { requests: { cpu: '900m', memory: '64Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'guest', namespace: 'stepkube' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 65535, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container],
        },
      },
    },
  };
  const path = join(folder, 'guest.yaml');
  await writeFile(path, stringify(manifest));
  return path;
}
