import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workloadNames } from '../../../infra/assets/workload-names.ts';

const read = (service: string) =>
  readFile(join(import.meta.dirname, '../../../workloads', service, 'Dockerfile'), 'utf8');

describe.each(workloadNames)('the image of %s', (service) => {
  it('stands on one Node image, pinned by digest', async () => {
    const dockerfile = await read(service);
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-\S+@sha256:[0-9a-f]{64}$/m);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases.filter((base) => base !== '${NODE_IMAGE}')).toEqual([]);
  });

  it('installs from the lock file, which wants the package file of every workspace', async () => {
    const dockerfile = await read(service);
    for (const name of workloadNames)
      expect(dockerfile).toContain(`COPY workloads/${name}/package.json workloads/${name}/\n`);
  });

  it('runs as the user of the manifests and starts without a shell', async () => {
    const dockerfile = await read(service);
    expect(dockerfile).toMatch(/^WORKDIR \/app$/m);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile).toMatch(/^CMD \["node", /m);
  });
});

describe('the image of yolo5', () => {
  it('checks the weights it fetches', async () => {
    expect(await read('yolo5')).toMatch(/^ADD --checksum=sha256:[0-9a-f]{64} /m);
  });
});
