import { readFileSync } from 'node:fs';
import { projectPath } from './project-path.ts';

/** The one Dockerfile of all services, relative to the root of the repository, which is its build context. */
export const dockerfile = 'workloads/Dockerfile';
export const dockerfilePath = projectPath(dockerfile);

/** What `docker build` is told about a service. */
export interface ImageBuild {
  readonly buildArgs: { readonly SERVICE: string };
  readonly target: string;
}

/** A service whose image has more than its bundle and packages has a stage of its own name; all others share `service`. */
export function imageBuildOf(service: string): ImageBuild {
  const ownStage = new RegExp(`^FROM \\S+ AS ${service}$`, 'm').test(readFileSync(dockerfilePath, 'utf8'));
  return { buildArgs: { SERVICE: service }, target: ownStage ? service : 'service' };
}

/** The default of a build argument: the Dockerfile is the only place where base image and weights are pinned. */
export function buildArgumentDefault(name: 'NODE_IMAGE' | 'YOLOV5_URL' | 'YOLOV5_SHA256'): string {
  const value = new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(readFileSync(dockerfilePath, 'utf8'))?.[1];
  if (value === undefined) throw new Error(`${dockerfile} has no default for ARG ${name}`);
  return value;
}
