import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { buildSync } from 'esbuild';
import { workloadNames } from './workload-names.ts';

/** The Lambda functions by folder name; the physical name is `<cluster>-<name>`. */
export const functionNames = [
  'resolve-config',
  'ensure-control-plane',
  'wait-for-instance',
  'start-command',
  'finish-command',
  'reconcile',
  'set-worker-capacity',
  'wait-for-join-credentials',
  'wait-for-nodes',
  'complete-lifecycle-action',
  'apply-workloads',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** Bundles reach for CommonJS packages that call require(); an ES module has none of its own. */
const banner =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** Folders of Kubernetes manifests that apply-workloads carries, at the same place relative to each other. */
const manifestFolders = ['manifests', ...workloadNames.map((name) => `${name}/manifests`)];

/**
 * Bundles every handler into `<folder>/<name>/handler.mjs`. One esbuild run for all takes a fraction of the time that
 * one process per function takes. Names are kept, so that an error's stack can be read without a source map.
 */
export function bundleLambdas(folder: string): void {
  buildSync({
    absWorkingDir: projectFolder, // paths in the output, and so the asset's hash, must not depend on the caller
    entryPoints: functionNames.map((name) => ({ in: `lambdas/${name}/handler.ts`, out: `${name}/handler` })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  copyManifests(join(folder, 'apply-workloads', 'manifests'));
}

function copyManifests(target: string): void {
  for (const manifests of manifestFolders) {
    const source = join(projectFolder, 'workloads', manifests);
    cpSync(source, join(target, manifests), { recursive: true });
  }
}
