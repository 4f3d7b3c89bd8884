import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { expectAnsweredOnce, sendPhotos } from '#support/photos.ts';
import { samplesFolder } from '#support/twin.ts';
import config from '../../cluster.config.ts';
import { Life } from './life/life.ts';

const oneMinute = 60_000;
const autoscaled = parseConfig({
  ...config,
  workers: { ...config.workers, min: 1, desired: 1, max: 3, autoscaling: true },
});

describe('the cluster autoscaler', () => {
  const life = new Life();
  let folder: string;
  let photo: Buffer;
  beforeAll(async () => {
    photo = await readFile(join(samplesFolder, 'street.jpg'));
    folder = await mkdtemp(join(tmpdir(), 'stepkube-autoscaled-'));
    await assemble(autoscaled, folder, AbortSignal.timeout(120_000));
    await life.start({ config: autoscaled, assemblyFolder: folder });
  });
  afterAll(async () => {
    await life.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('pods that find no room bring workers, which leave by a drain when nobody has needed them for ten minutes', async () => {
    const before = life.readyWorkers();
    await life.kubectl('apply', '-f', await guests(folder, 2));
    await life.kubectl('-n', 'stepkube', 'rollout', 'status', 'deployment/guest', '--timeout=120s');
    const grown = life.readyWorkers();
    expect(grown).toBeGreaterThan(before);

    await life.kubectl('-n', 'stepkube', 'delete', 'deployment/guest');
    const sent = await sendPhotos(life.twin, 4, photo);
    await expect.poll(() => life.readyWorkers(), { timeout: 3 * oneMinute }).toBeLessThan(grown);
    await expect
      .poll(() => life.executionsOf('drain-node').map(({ status }) => status), { timeout: oneMinute })
      .toContain('SUCCEEDED');
    await expectAnsweredOnce(life.twin, sent);
    expect(life.failures).toEqual([]);
  });
});

/** Pods of which a worker holds one. @returns path of the manifest */
async function guests(folder: string, replicas: number): Promise<string> {
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
      replicas,
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
  const path = join(folder, 'guests.yaml');
  await writeFile(path, stringify(manifest));
  return path;
}
