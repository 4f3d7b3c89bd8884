import { readFile } from 'node:fs/promises';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { parseDockerfile, parseFileCopy } from '#scripts/images/dockerfile.ts';

const read = (service: string) => readFile(projectPath('workloads', service, 'Dockerfile'), 'utf8');

const finalStageOf = async (service: string) => parseDockerfile(await read(service)).at(-1)!.instructions;

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

  it("runs as the user of the manifests and starts without a shell, also without the base image's", async () => {
    const dockerfile = await read(service);
    expect(dockerfile).toMatch(/^WORKDIR \/app$/m);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", /m);
    expect(dockerfile).not.toMatch(/^(?:ENTRYPOINT|CMD) [^[]/m);
  });

  it('leaves every file to root; what comes from the checkout is read-only, however it was there', async () => {
    const copies = (await finalStageOf(service)).filter(({ keyword }) => keyword === 'ADD' || keyword === 'COPY');
    for (const { flags } of copies.map(parseFileCopy)) {
      expect(flags.has('chown')).toBe(false);
      expect(flags.get('from') ?? flags.get('chmod')).toMatch(/^(?:build|444)$/);
    }
  });
});

describe('the image of yolo5', () => {
  it('checks the weights it fetches', async () => {
    expect(await read('yolo5')).toMatch(/^ADD --checksum=sha256:[0-9a-f]{64} /m);
  });

  // BuildKit gives a folder that it has to make the mode of --chmod, and nobody but root can enter one of mode 444.
  it('puts read-only files into folders that WORKDIR has made', async () => {
    const copies = (await finalStageOf('yolo5')).filter(({ operands }) => operands.includes('--chmod='));
    expect(copies.map((copy) => parseFileCopy(copy).target)).toEqual(['./', './']);
  });
});
