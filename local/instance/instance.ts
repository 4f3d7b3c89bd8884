/** One simulated EC2 instance, as the agent and the stand-ins see it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ClusterHost, InstanceSpec, TwinContext } from '../contracts.ts';

export interface Instance {
  readonly spec: InstanceSpec;
  readonly context: TwinContext;
  readonly cluster: ClusterHost;
  /** The instance's `/`. */
  readonly root: string;
  /** What proves a stand-in's call to come from this instance. */
  readonly secret: string;
  /** The real kubectl, which apt-get "installs". */
  readonly kubectlPath: string;
  /** The script behind every stand-in. */
  readonly standInScript: string;
  /** Aborted when the instance terminates: ends boots and simulated waiting. */
  readonly terminated: AbortController;
  /** Leaders of the process groups that the agent started and that still run. */
  readonly processGroups: Set<number>;
  /** Path of a file of the instance, e.g. path('/etc/hostname'). */
  path(absolutePath: string): string;
}

export function createInstance(
  options: Pick<Instance, 'spec' | 'context' | 'cluster' | 'kubectlPath' | 'standInScript'>,
): Instance {
  const root = join(options.context.root, 'instances', options.spec.instanceId);
  return {
    ...options,
    root,
    secret: randomBytes(16).toString('hex'),
    terminated: new AbortController(),
    processGroups: new Set(),
    path: (absolutePath) => join(root, absolutePath),
  };
}
