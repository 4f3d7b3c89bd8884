import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageCatalog, ProjectImage } from './contracts.ts';

const repository = join(import.meta.dirname, '..');

interface AssetManifest {
  readonly dockerImages?: Readonly<Record<string, { readonly source: { readonly dockerFile?: string } }>>;
}

/** An image of the assembly does not come from a Dockerfile under workloads/. */
export class UnknownImageSourceError extends Error {
  override readonly name = 'UnknownImageSourceError';
}

/**
 * The container images of a cloud assembly as folders that hold what their Dockerfiles put into WORKDIR:
 * the bundle, the model and the native packages. `npm run build` of each workload must have run.
 * @param folder where the working folders are made.
 */
export async function createImageCatalog(assetsFile: string, folder: string): Promise<ImageCatalog> {
  const assets: AssetManifest = JSON.parse(await readFile(assetsFile, 'utf8'));
  const images = new Map<string, ProjectImage>();
  for (const [hash, { source }] of Object.entries(assets.dockerImages ?? {})) {
    const workload = /^workloads\/([a-z0-9-]+)\/Dockerfile$/.exec(source.dockerFile ?? '')?.[1];
    if (workload === undefined)
      throw new UnknownImageSourceError(
        `image ${hash}: dockerFile ${source.dockerFile} is not workloads/<name>/Dockerfile`,
      );
    images.set(hash, await stageImage(workload, join(folder, workload)));
  }
  // The template names an image <repository>:<hash>; a pod's manifest carries the same reference.
  return { resolve: (image) => images.get(image.slice(image.lastIndexOf(':') + 1)) };
}

async function stageImage(workload: string, workingFolder: string): Promise<ProjectImage> {
  const source = join(repository, 'workloads', workload);
  await mkdir(workingFolder, { recursive: true });
  await cp(join(source, 'dist'), workingFolder, { recursive: true });
  await symlink(join(repository, 'node_modules'), join(workingFolder, 'node_modules'));
  if (existsSync(join(source, 'model'))) await symlink(join(source, 'model'), join(workingFolder, 'model'));
  return { workload, workingFolder, command: [process.execPath, '--enable-source-maps', 'main.js'] };
}
