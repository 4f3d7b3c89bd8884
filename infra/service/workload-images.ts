import { projectFolder } from '@stepkube/tools/project-path.ts';
import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { type WorkloadName, workloadNames } from '../lib/workload-names.ts';

/**
 * What an image is built from: the root's package files (npm workspaces share one lock file), every service's package
 * file, what the services share and the service itself. The order counts, as in .dockerignore; anything else would change
 * the image's hash for nothing.
 */
function buildContext(name: WorkloadName): string[] {
  return [
    '*',
    '!package.json',
    '!package-lock.json',
    '!.npmrc',
    '!workloads/*/package.json',
    '!workloads/shared',
    '!tools',
    `!workloads/${name}`,
    'workloads/*/manifests',
    'workloads/*/tools',
    'workloads/yolo5/model/samples',
    'workloads/yolo5/model/train',
    '**/*.md',
    '**/node_modules',
    '**/dist',
  ];
}

/** Container images of the services; Docker builds them at deployment, not at synth. */
export class WorkloadImages extends Construct {
  /** `<repository>:<tag>` by service. */
  readonly uris: Readonly<Record<WorkloadName, string>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const image = (name: WorkloadName) =>
      new DockerImageAsset(this, name, {
        directory: projectFolder,
        file: `workloads/${name}/Dockerfile`,
        exclude: buildContext(name),
        ignoreMode: IgnoreMode.DOCKER,
        platform: Platform.LINUX_AMD64,
      }).imageUri;
    this.uris = Object.fromEntries(workloadNames.map((name) => [name, image(name)])) as Record<WorkloadName, string>;
  }
}
