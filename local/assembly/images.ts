import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { dockerfile } from '@stepkube/tools/service-image.ts';
import { z } from 'zod';
import type { ImageCatalog, ProjectImage } from '../contracts/cluster.ts';

/** The folder with the bundle of a service's image, as `assemble` writes it. */
export function bundleFolder(assemblyFolder: string, workload: string): string {
  return join(assemblyFolder, 'services', workload);
}

const manifestSchema = z.object({
  dockerImages: z
    .record(
      z.string(),
      z.object({
        source: z.object({
          dockerFile: z.string().optional(),
          dockerBuildArgs: z.record(z.string(), z.string()).default({}),
        }),
      }),
    )
    .default({}),
});

/** An image of the assembly is not built from the services' Dockerfile. */
export class UnknownImageSourceError extends Error {
  override readonly name = 'UnknownImageSourceError';
}

/**
 * The container images of a cloud assembly, each as a folder with what its Dockerfile puts into WORKDIR: the bundle, the model
 * and the native packages.
 * @param folder the images' folders are created in it
 * @throws UnknownImageSourceError
 */
export async function createImageCatalog(
  assemblyFolder: string,
  stackName: string,
  folder: string,
): Promise<ImageCatalog> {
  const manifest = manifestSchema.parse(
    JSON.parse(await readFile(join(assemblyFolder, `${stackName}.assets.json`), 'utf8')),
  );
  const images = new Map<string, ProjectImage>();
  for (const [hash, { source }] of Object.entries(manifest.dockerImages)) {
    const workload = source.dockerBuildArgs['SERVICE'];
    if (source.dockerFile !== dockerfile || workload === undefined)
      throw new UnknownImageSourceError(
        `image ${hash}: it is built from ${source.dockerFile}, not from ${dockerfile} with build argument SERVICE`,
      );
    images.set(hash, await stageImage(workload, bundleFolder(assemblyFolder, workload), join(folder, workload)));
  }
  const programs = await stagePrograms(folder);
  // Templates and manifests refer to an image as <repository>:<hash>.
  return {
    resolve: (image) => images.get(image.slice(image.lastIndexOf(':') + 1)) ?? programs.get(image.split(/[:@]/)[0]!),
  };
}

/** Programs of the twin that stand for those of public images, by the image's repository. */
async function stagePrograms(folder: string): Promise<ReadonlyMap<string, ProjectImage>> {
  const workload = 'cluster-autoscaler';
  const workingFolder = join(folder, workload);
  await mkdir(workingFolder, { recursive: true });
  // The manifest starts it by this name, which is that of the program in the image.
  await symlink(projectPath('local/cluster/cluster-autoscaler/cluster-autoscaler.sh'), join(workingFolder, workload));
  return new Map([
    [`registry.k8s.io/autoscaling/${workload}`, { workload, workingFolder, command: [`./${workload}`] }],
  ]);
}

async function stageImage(workload: string, bundle: string, workingFolder: string): Promise<ProjectImage> {
  await mkdir(workingFolder, { recursive: true });
  for (const file of await readdir(bundle)) await symlink(join(bundle, file), join(workingFolder, file));
  await symlink(projectPath('node_modules'), join(workingFolder, 'node_modules'));
  const model = projectPath('workloads', workload, 'model');
  if (existsSync(model)) await symlink(model, join(workingFolder, 'model'));
  // --preserve-symlinks-main: native packages are found next to the link, as they are next to main.js in the image.
  return {
    workload,
    workingFolder,
    command: [process.execPath, '--preserve-symlinks-main', '--enable-source-maps', 'main.js'],
  };
}
