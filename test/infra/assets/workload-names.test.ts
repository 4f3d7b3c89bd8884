import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../../infra/assets/folders.ts';
import { workloadNames } from '../../../infra/assets/workload-names.ts';

it('the workloads are the workspaces', async () => {
  const { workspaces } = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  expect(workspaces).toEqual(workloadNames.map((name) => `workloads/${name}`));
});
