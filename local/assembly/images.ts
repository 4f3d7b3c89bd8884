import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder as repository } from '@stepkube/tools/project-path.ts';
import { dockerfile } from '@stepkube/tools/service-image.ts';
import type { ImageCatalog, ProjectImage } from '../contracts/cluster.ts';

/** Where `assemble` puts the bundle that a service's image runs. */
export function bundlePath(assemblyFolder: string, workload: string): string {
  return join(assemblyFolder, 'services', workload, 'main.js');
}

interface AssetManifest {
  readonly dockerImages?: Readonly<Record<string, { readonly source: DockerImageSource }>>;
}

interface DockerImageSource {
  readonly dockerFile?: string;
  readonly dockerBuildArgs?: Readonly<Record<string, string>>;
}

/** An image of the assembly is not built from the services' Dockerfile. */
export class UnknownImageSourceError extends Error {
  override readonly name = 'UnknownImageSourceError';
}

/**
 * The container images of a cloud assembly as folders that hold what the Dockerfile puts into WORKDIR:
 * the bundle, the model and the native packages.
 * @param folder where the working folders are made.
 */
export async function createImageCatalog(
  assemblyFolder: string,
  stackName: string,
  folder: string,
): Promise<ImageCatalog> {
  const assets: AssetManifest = JSON.parse(await readFile(join(assemblyFolder, `${stackName}.assets.json`), 'utf8'));
  const images = new Map<string, ProjectImage>();
  for (const [hash, { source }] of Object.entries(assets.dockerImages ?? {})) {
    const workload = source.dockerBuildArgs?.['SERVICE'];
    if (source.dockerFile !== dockerfile || workload === undefined)
      throw new UnknownImageSourceError(
        `image ${hash}: it is built from ${source.dockerFile}, not from ${dockerfile} with build argument SERVICE`,
      );
    images.set(hash, await stageImage(workload, bundlePath(assemblyFolder, workload), join(folder, workload)));
  }
  // The template names an image <repository>:<hash>; a pod's manifest carries the same reference.
  return { resolve: (image) => images.get(image.slice(image.lastIndexOf(':') + 1)) };
}

async function stageImage(workload: string, bundle: string, workingFolder: string): Promise<ProjectImage> {
  await mkdir(workingFolder, { recursive: true });
  for (const ending of ['', '.map']) await symlink(`${bundle}${ending}`, join(workingFolder, `main.js${ending}`));
  await symlink(join(repository, 'node_modules'), join(workingFolder, 'node_modules'));
  const model = join(repository, 'workloads', workload, 'model');
  if (existsSync(model)) await symlink(model, join(workingFolder, 'model'));
  // Native packages are looked up beside the link, as they stand beside main.js in the image.
  return {
    workload,
    workingFolder,
    command: [process.execPath, '--preserve-symlinks-main', '--enable-source-maps', 'main.js'],
  };
}
