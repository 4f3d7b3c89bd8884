import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { expect, it } from 'vitest';

it('kubectlPath leads to a kubectl of the minor version that the cluster has', async () => {
  const { stdout } = await promisify(execFile)(await kubectlPath(), ['version', '--client', '--output', 'json']);
  expect(JSON.parse(stdout).clientVersion).toMatchObject({ major: '1', minor: '36' });
});
