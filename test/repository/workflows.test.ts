import { readdirSync, readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number; readonly environment?: string }>>;
}

const folder = projectPath('.github', 'workflows');
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');
const workflow = (file: string) => parse(read(file)) as Workflow;

describe('GitHub workflows', () => {
  it.each(readdirSync(folder))(
    '%s pins every action by its commit, names the version, and limits every job',
    (file) => {
      const uses = read(file).match(/^.*\buses:.*$/gm) ?? [];
      expect(uses).not.toEqual([]);
      for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      for (const job of Object.values(workflow(file).jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
    },
  );

  it('check.yml may read the repository and nothing else', () => {
    expect(workflow('check.yml').permissions).toEqual({ contents: 'read' });
  });

  it('deploy.yml gets its AWS role by OIDC, in a protected environment, and knows no key', () => {
    const { permissions, jobs } = workflow('deploy.yml');
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(jobs['deploy']!.environment).toBe('production');
    expect(read('deploy.yml')).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
  });
});
