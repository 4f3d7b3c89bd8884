import { cpSync, existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BundleCache } from '@stepkube/tools/bundle-cache.ts';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { buildSync } from 'esbuild';
import { workloadNames } from './workload-names.ts';

/** The Lambda functions by folder name; the physical name is `<cluster>-<name>`. */
export const functionNames: readonly string[] = globSync('lambdas/*/handler.ts', { cwd: projectFolder })
  .map((file) => basename(dirname(file)))
  .sort();

/** Bundled CommonJS packages call require(), which an ES module does not have. */
const banner =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** The folders of Kubernetes manifests that apply-workloads carries; their kustomizations refer to each other by relative path. */
const manifestFolders = ['manifests', ...workloadNames.map((name) => `${name}/manifests`)];

const cache = new BundleCache('lambdas', ['infra/lib/lambda-code.ts', 'lambdas/**']);

/** Bundles every handler into `<folder>/<name>/handler.mjs`. */
export function bundleLambdas(folder: string): void {
  const cached = cache.folder();
  if (!existsSync(cached)) {
    const created = cache.createFolder();
    bundleHandlers(created);
    cache.store(created, cached);
  }
  cpSync(cached, folder, { recursive: true });
  copyManifests(join(folder, 'apply-workloads', 'manifests'));
}

/** One esbuild run for all: docs/decisions/0031. Names are kept, so that an error's stack can be read without a source map. */
function bundleHandlers(folder: string): void {
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
}

function copyManifests(target: string): void {
  for (const manifests of manifestFolders) {
    const source = join(projectFolder, 'workloads', manifests);
    cpSync(source, join(target, manifests), { recursive: true });
  }
}
