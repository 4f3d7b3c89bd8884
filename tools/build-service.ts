/**
 * Bundles a service into workloads/<service>/dist/main.js (ESM, with a source map). The packages in the service's
 * `dependencies` contain native code and are not bundled; those in `devDependencies` are.
 *
 * usage: node tools/build-service.ts <service>
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { projectFolder, projectPath } from './project-path.ts';

/** CommonJS packages inside of an ESM bundle still use require, __filename and __dirname. */
const commonJsBanner = [
  "import { createRequire as stepkubeCreateRequire } from 'node:module';",
  "import { fileURLToPath as stepkubeFileURLToPath } from 'node:url';",
  'const require = stepkubeCreateRequire(import.meta.url);',
  'const __filename = stepkubeFileURLToPath(import.meta.url);',
  "const __dirname = stepkubeFileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** The bundle from which the service's container image is made. */
const bundlePathOf = (service: string) => projectPath('workloads', service, 'dist/main.js');

/** @returns the contents of the bundle; their paths are relative to the root of the repository. */
export async function buildService(service: string, outfile = bundlePathOf(service)): Promise<Metafile> {
  const folder = projectPath('workloads', service);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const { metafile } = await build({
    absWorkingDir: projectFolder,
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
    // Keeps the literal names of errors in logs and metrics.
    keepNames: true,
    legalComments: 'none',
    // `encoding` is an optional package that node-fetch (a dependency of telegraf) tries to load.
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
  console.log(bundlePathOf(service));
}
