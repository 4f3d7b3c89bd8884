/**
 * Bundles one service into workloads/<service>/dist/main.js (ESM, with a source map). The packages in the service's
 * `dependencies` carry native code and stay outside of the bundle; everything else goes in from `devDependencies`.
 *
 * usage: node tools/build-service.ts <service>
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** CommonJS packages inside an ESM bundle still call require, __filename and __dirname. */
const commonJsBanner = [
  "import { createRequire as stepkubeCreateRequire } from 'node:module';",
  "import { fileURLToPath as stepkubeFileURLToPath } from 'node:url';",
  'const require = stepkubeCreateRequire(import.meta.url);',
  'const __filename = stepkubeFileURLToPath(import.meta.url);',
  "const __dirname = stepkubeFileURLToPath(new URL('.', import.meta.url));",
].join('\n');

const repository = join(import.meta.dirname, '..');
const workloadsFolder = join(repository, 'workloads');

/** Where the bundle goes that the service's image takes. */
const bundleOf = (service: string) => join(workloadsFolder, service, 'dist/main.js');

/** @returns what the bundle is made of; its paths begin at the root of the repository. */
export async function buildService(service: string, outfile = bundleOf(service)): Promise<Metafile> {
  const folder = join(workloadsFolder, service);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: [join(folder, 'src', 'main.ts')],
    outfile,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    minify: true,
    // Errors keep their literal names in logs and metrics.
    keepNames: true,
    legalComments: 'none',
    // `encoding` is an optional package that node-fetch (of telegraf) tries to load.
    external: [...Object.keys(manifest.dependencies ?? {}), 'encoding'],
    banner: { js: commonJsBanner },
    logLevel: 'warning',
  });
  return metafile;
}

if (import.meta.main) {
  const service = process.argv[2];
  if (service === undefined) {
    console.error('usage: node tools/build-service.ts <service>');
    process.exit(2);
  }
  await buildService(service);
  console.log(bundleOf(service));
}
