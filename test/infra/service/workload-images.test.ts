import fs from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { afterEach, expect, it, vi } from 'vitest';
import { clusterTemplate } from '#support/infra.ts';

afterEach(() => vi.restoreAllMocks());

it('the build context of the images is found without a look into the cache, where others write meanwhile', () => {
  const read = vi.spyOn(fs, 'readdirSync');
  clusterTemplate({ clusterName: 'images' });
  const folders = read.mock.calls.map(([folder]) => String(folder));
  expect(folders).toContain(join(projectFolder, 'workloads/shared'));
  expect(folders.filter((folder) => /\/\.(?:cache|git)(?:\/|$)/.test(folder.slice(projectFolder.length)))).toEqual([]);
});
