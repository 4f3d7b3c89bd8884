import { existsSync, readdirSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';

/**
 * The services: every folder of workloads/ that is a package with a program. A service's name is that of its folder, its
 * workspace, its image, its service account and its role.
 */
export const workloadNames: readonly string[] = readdirSync(projectPath('workloads'))
  .filter((name) => ['package.json', 'src/main.ts'].every((file) => existsSync(projectPath('workloads', name, file))))
  .sort();

export type WorkloadName = string;

/** Infra's entries for the services and the folders of workloads/ are not the same. */
export class ServiceMismatchError extends Error {
  override readonly name = 'ServiceMismatchError';
}

/**
 * @param what what is listed by service, e.g. 'role'
 * @throws ServiceMismatchError naming a service that is not listed, or what is listed without being a service
 */
export function assertEveryService(what: string, listed: readonly string[]): void {
  const missing = workloadNames.filter((name) => !listed.includes(name));
  const unknown = listed.filter((name) => !workloadNames.includes(name));
  const problems = [
    ...missing.map((name) => `workloads/${name} has no ${what} in infra`),
    ...unknown.map((name) => `infra has a ${what} for ${name}, which is not a service in workloads/`),
  ];
  if (problems.length > 0) throw new ServiceMismatchError(problems.join('; '));
}
