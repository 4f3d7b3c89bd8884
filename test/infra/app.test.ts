import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageBuildOf } from '@stepkube/tools/service-image.ts';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { synthesize } from '#infra/app.ts';
import { functionNames } from '#infra/lib/lambda-code.ts';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { clusterConfig } from '#support/infra.ts';

const folder = mkdtempSync(join(tmpdir(), 'stepkube-test-app-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const synthesis = synthesize(clusterConfig(), folder);
const assets = JSON.parse(readFileSync(join(folder, 'shapes.assets.json'), 'utf8'));

/** Folder of the code of a function in the cloud assembly. */
const codeOf = (functionName: string): string => {
  const resource = Object.values(synthesis.template.Resources).find(
    ({ Properties }) => Properties?.['FunctionName'] === functionName,
  )!;
  const { S3Key } = resource.Properties!['Code'] as { S3Key: string };
  return join(folder, assets.files[S3Key.replace('.zip', '')].source.path);
};

describe('synthesize', () => {
  it('synthesize writes the template to the file that it returns', () => {
    expect(JSON.parse(readFileSync(synthesis.templateFile, 'utf8'))).toEqual(synthesis.template);
    expect(synthesis.stackName).toBe('shapes');
  });

  it('synthesize bundles every function into a module that loads without any package', () => {
    const files = functionNames.map((name) => join(codeOf(`shapes-${name}`), 'handler.mjs'));
    const load = `Promise.allSettled(${JSON.stringify(files)}.map((file) => import(file))).then((loaded) => console.log(
      JSON.stringify(loaded.map(({ value, reason }) => reason?.name ?? typeof value.handler))))`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', load], { cwd: folder, env: {} });
    // Without their environment most refuse to start, with an error that only a complete bundle can throw.
    expect(new Set(JSON.parse(output.toString()))).toEqual(new Set(['function', 'InvalidEnvironmentError']));
  });

  it('synthesize puts the manifests into apply-workloads, at the same relative paths', () => {
    const manifests = join(codeOf('shapes-apply-workloads'), 'manifests');
    for (const overlay of ['manifests', ...workloadNames.map((name) => `${name}/manifests`)]) {
      expect(existsSync(join(manifests, overlay, 'overlays/production/kustomization.yaml')), overlay).toBe(true);
    }
    expect(readdirSync(join(manifests, 'polybot'))).toEqual(['manifests']);
  });

  it('synthesize gives each image its build argument and what it is built from, not the other services', () => {
    interface Image {
      readonly source: {
        readonly directory: string;
        readonly dockerFile: string;
        readonly dockerBuildArgs: { readonly SERVICE: string };
        readonly dockerBuildTarget: string;
      };
    }
    const images = Object.values<Image>(assets.dockerImages);
    expect(images.map(({ source }) => source.dockerBuildArgs.SERVICE).sort()).toEqual([...workloadNames]);
    for (const { source } of images) {
      const context = join(folder, source.directory);
      const files = globSync('**/*', { cwd: context });
      const { SERVICE: service } = source.dockerBuildArgs;
      expect([source.dockerFile, source.dockerBuildTarget]).toEqual([
        'workloads/Dockerfile',
        imageBuildOf(service).target,
      ]);
      expect(files).toEqual(
        expect.arrayContaining([
          'package-lock.json',
          'local/package.json',
          source.dockerFile,
          'tools/build-service.ts',
        ]),
      );
      expect(files.filter((file) => file.endsWith('src/main.ts'))).toEqual([`workloads/${service}/src/main.ts`]);
      expect(files.filter((file) => /node_modules|\/dist\/|\.md$/.test(file))).toEqual([]);
    }
  });

  it('synthesize removes its bundles also if it fails', () => {
    const temporaryFolder = join(folder, 'temporary');
    mkdirSync(temporaryFolder);
    vi.stubEnv('TMPDIR', temporaryFolder);
    const broken = () =>
      synthesize(clusterConfig(), join(folder, 'broken'), {
        prepare: () => {
          throw new Error('not this one');
        },
      });
    expect(broken).toThrow('not this one');
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });
});
