import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { expect, it } from 'vitest';
import { assertEveryService, ServiceMismatchError, workloadNames } from '#infra/lib/workload-names.ts';

it('every service in workloads/ is a workspace of package.json, and no other folder there but shared', async () => {
  const { workspaces } = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  const services = workspaces.filter((path: string) => path.startsWith('workloads/') && path !== 'workloads/shared');
  expect(services).toEqual(workloadNames.map((name) => `workloads/${name}`));
});

it('a service without an entry in infra, and an entry without a service, are errors that name them', () => {
  const [first, ...others] = workloadNames;
  expect(() => assertEveryService('role', [...others, 'extra'])).toThrow(
    new ServiceMismatchError(
      `workloads/${first} has no role in infra; infra has a role for extra, which is not a service in workloads/`,
    ),
  );
  expect(() => assertEveryService('role', workloadNames)).not.toThrow();
});
