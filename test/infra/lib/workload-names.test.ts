import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';

it('the workloads are the workspaces', async () => {
  const { workspaces } = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  const services = workspaces.filter((path: string) => path.startsWith('workloads/') && path !== 'workloads/shared');
  expect(services).toEqual(workloadNames.map((name) => `workloads/${name}`));
});
