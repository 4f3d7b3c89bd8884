import { projectFolder } from '@stepkube/tools/project-path.ts';
import { dockerfile, imageBuildOf } from '@stepkube/tools/service-image.ts';
import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { type WorkloadName, workloadNames } from '../lib/workload-names.ts';

/**
 * The build context of an image as .dockerignore patterns, in which later ones override earlier ones: the package files of all
 * workspaces (they share one lock file), tools, the shared code and the service itself. Any other file would change the
 * image's hash without changing the image.
 */
function buildContext(name: WorkloadName): string[] {
  return [
    '*',
    '!package.json',
    '!package-lock.json',
    '!.npmrc',
    '!*/package.json',
    '!workloads/*/package.json',
    `!${dockerfile}`,
    '!tools',
    '!workloads/shared',
    `!workloads/${name}`,
    'workloads/*/manifests',
    'workloads/*/tools',
    'workloads/yolo5/model/samples',
    'workloads/yolo5/model/train',
    '**/*.md',
    '**/node_modules',
    '**/dist',
    // Not even looked into: they are large, and others write to the cache meanwhile.
    '.cache',
    '.git',
  ];
}

/** Container images of the services. Docker builds them when the stack is deployed, not when it is synthesized. */
export class WorkloadImages extends Construct {
  /** `<repository>:<tag>` by service. */
  readonly uris: Readonly<Record<WorkloadName, string>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const image = (name: WorkloadName) => {
      const { buildArgs, target } = imageBuildOf(name);
      return new DockerImageAsset(this, name, {
        directory: projectFolder,
        file: dockerfile,
        buildArgs: { ...buildArgs },
        target,
        exclude: buildContext(name),
        ignoreMode: IgnoreMode.DOCKER,
        platform: Platform.LINUX_AMD64,
      }).imageUri;
    };
    this.uris = Object.fromEntries(workloadNames.map((name) => [name, image(name)])) as Record<WorkloadName, string>;
  }
}
