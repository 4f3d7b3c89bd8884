import { globSync, readFileSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string) =>
  JSON.parse(readFileSync(projectPath(folder, 'package.json'), 'utf8')) as Manifest;

const root = readManifest('.');
const declared = ['.', ...root.workspaces!].flatMap((folder) => {
  const { dependencies, devDependencies, optionalDependencies } = readManifest(folder);
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(([name, version]) => ({
    name,
    version,
  }));
});

describe('package.json of the root and the workspaces', () => {
  it('every folder of the repository with a package.json is a workspace of the root', () => {
    const exclude = (name: string) => name.includes('node_modules');
    const folders = globSync('{*,workloads/*}/package.json', { cwd: projectFolder, exclude });
    expect(folders.map((file) => file.replace(/\/package\.json$/, '')).toSorted()).toEqual(root.workspaces);
  });

  it('every package is declared with one exact version, the same in all workspaces', () => {
    const versions = Map.groupBy(declared, ({ name }) => name);
    for (const [name, entries] of versions) {
      const distinct = [...new Set(entries.map(({ version }) => version))];
      expect([name, ...distinct]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/)]);
    }
  });

  it('all clients of the AWS SDK have the same version', () => {
    const sdk = declared.filter(({ name }) => /^@aws-sdk\/(client|lib)-/.test(name));
    expect([...new Set(sdk.map(({ version }) => version))]).toHaveLength(1);
  });

  it('the bundled Node.js has the major version of .nvmrc on every platform', () => {
    const major = readFileSync(projectPath('.nvmrc'), 'utf8').trim();
    const names = Object.keys(root.optionalDependencies!);
    expect(names).toHaveLength(5);
    for (const name of names) expect(root.optionalDependencies![name]).toMatch(new RegExp(`^${major}\\.`));
  });
});

describe('calls home', () => {
  it("cdk.json switches the telemetry of the CDK's command line off, and .npmrc npm's look at newer versions", () => {
    const { context } = JSON.parse(readFileSync(projectPath('cdk.json'), 'utf8'));
    expect(context['cli-telemetry']).toBe(false);
    const npmrc = readFileSync(projectPath('.npmrc'), 'utf8').split('\n');
    expect(npmrc).toEqual(expect.arrayContaining(['update-notifier=false', 'fund=false', 'audit=false']));
  });
});
