import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { projectFolder } from '../assets/folders.ts';

export const workloadNames = ['polybot', 'yolo5'] as const;
export type WorkloadName = (typeof workloadNames)[number];

/**
 * What an image is built from: the root's package files (npm workspaces share one lock file) and workloads/. The order
 * counts, as in .dockerignore; all else would make the image's hash slow to compute and change it for nothing.
 */
const buildContext = [
  '*',
  '!package.json',
  '!package-lock.json',
  '!.npmrc',
  '!workloads',
  'workloads/addons',
  'workloads/manifests',
  'workloads/*/manifests',
  '**/node_modules',
  '**/dist',
];

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
        exclude: buildContext,
        ignoreMode: IgnoreMode.DOCKER,
        platform: Platform.LINUX_AMD64,
      }).imageUri;
    this.uris = { polybot: image('polybot'), yolo5: image('yolo5') };
  }
}
