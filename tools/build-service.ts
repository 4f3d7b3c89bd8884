/**
 * Bundles a service into workloads/<service>/dist/main.js (ESM, with a source map). The packages in the service's
 * `dependencies` contain native code and are not bundled; those in `devDependencies` are.
 *
 * usage: node tools/build-service.ts <service>
 */
import { existsSync, globSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { BundleCache } from './bundle-cache.ts';
import { projectFolder, projectPath } from './project-path.ts';

/** CommonJS packages inside of an ESM bundle still use require, __filename and __dirname. */
const commonJsBanner = [
  "import { createRequire as stepkubeCreateRequire } from 'node:module';",
  "import { fileURLToPath as stepkubeFileURLToPath } from 'node:url';",
  'const require = stepkubeCreateRequire(import.meta.url);',
  'const __filename = stepkubeFileURLToPath(import.meta.url);',
  "const __dirname = stepkubeFileURLToPath(new URL('.', import.meta.url));",
].join('\n');

const cache = new BundleCache('services', [
  'tools/build-service.ts',
  'workloads/*/package.json',
  'workloads/*/src/**',
  'workloads/shared/**',
]);

/** The bundle from which the service's container image is made. */
const bundlePathOf = (service: string) => projectPath('workloads', service, 'dist/main.js');

/** @returns the contents of the bundle; their paths are relative to the root of the repository. */
export async function buildService(service: string, outfile = bundlePathOf(service)): Promise<Metafile> {
  const folder = cache.folder();
  if (!existsSync(folder)) {
    const created = cache.createFolder();
    await bundleServices(created);
    cache.store(created, folder);
  }
  await mkdir(dirname(outfile), { recursive: true });
  for (const ending of ['', '.map']) await copyFile(join(folder, service, `main.js${ending}`), `${outfile}${ending}`);
  return JSON.parse(await readFile(join(folder, service, 'metafile.json'), 'utf8'));
}

/** Bundles every service that is here (an image's build context has only one) in one run, which parses their common packages once. */
async function bundleServices(folder: string): Promise<void> {
  const services = globSync('workloads/*/src/main.ts', { cwd: projectFolder }).map((file) => file.split('/')[1]!);
  const { metafile, outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: services.map((service) => ({
      in: projectPath('workloads', service, 'src', 'main.ts'),
      out: `${service}/dist/main`,
    })),
    outdir: projectPath('workloads'), // for the paths in source maps; nothing is written there
    write: false,
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
    external: ['encoding', ...(await nativePackages(services))],
    banner: { js: commonJsBanner },
    logLevel: 'warning',
  });
  for (const service of services) {
    await mkdir(join(folder, service));
    const metafileOfService = { inputs: metafile.inputs, outputs: outputsOf(metafile, service) };
    await writeFile(join(folder, service, 'metafile.json'), JSON.stringify(metafileOfService));
  }
  for (const { path, contents } of outputFiles) {
    const [, service, , name] = path.slice(projectPath('workloads').length).split('/');
    await writeFile(join(folder, service!, name!), contents);
  }
}

async function nativePackages(services: readonly string[]): Promise<string[]> {
  const manifests = services.map((service) => readFile(projectPath('workloads', service, 'package.json'), 'utf8'));
  return (await Promise.all(manifests)).flatMap((manifest) => Object.keys(JSON.parse(manifest).dependencies ?? {}));
}

function outputsOf({ outputs }: Metafile, service: string): Metafile['outputs'] {
  return Object.fromEntries(Object.entries(outputs).filter(([path]) => path.startsWith(`workloads/${service}/`)));
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
