/**
 * Bundles a service into workloads/<service>/dist: main.js and the processes that it starts, src/*-process.ts (ESM, with source
 * maps). The packages in the service's `dependencies` contain native code and are not bundled; those in `devDependencies` are.
 *
 * usage: node tools/build-service.ts <service>
 */
import { existsSync, globSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** The folder from which the service's container image is made. */
const bundleFolderOf = (service: string) => projectPath('workloads', service, 'dist');

/** @returns the contents of the bundle; their paths are relative to the root of the repository. */
export async function buildService(service: string, outputFolder = bundleFolderOf(service)): Promise<Metafile> {
  const folder = cache.folder();
  if (!existsSync(folder)) {
    const created = cache.createFolder();
    await bundleServices(created);
    cache.store(created, folder);
  }
  await mkdir(outputFolder, { recursive: true });
  for (const file of globSync('*.{js,js.map}', { cwd: join(folder, service) }))
    await copyFile(join(folder, service, file), join(outputFolder, file));
  return JSON.parse(await readFile(join(folder, service, 'metafile.json'), 'utf8'));
}

/** Bundles every service that is here (an image's build context has only one) in one run, which parses their common packages once. */
async function bundleServices(folder: string): Promise<void> {
  const programs = globSync('workloads/*/src/{main,*-process}.ts', { cwd: projectFolder });
  const services = [...new Set(programs.map((file) => file.split('/')[1]!))];
  const { metafile, outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: programs.map((file) => ({
      in: projectPath(file),
      out: file.replace(/^workloads\/(.+)\/src\/(.+)\.ts$/, '$1/dist/$2'),
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
  console.log(bundleFolderOf(service));
}
