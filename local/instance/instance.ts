/** One simulated EC2 instance, as the agent and the shims see it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ClusterHost } from '../contracts/cluster.ts';
import type { TwinContext } from '../contracts/context.ts';
import type { InstanceSpec } from '../contracts/instance.ts';

export interface Instance {
  readonly spec: InstanceSpec;
  readonly context: TwinContext;
  readonly cluster: ClusterHost;
  /** The instance's `/`. */
  readonly root: string;
  /** What proves a shim's call to come from this instance. */
  readonly secret: string;
  /** The real kubectl, which apt-get "installs". */
  readonly kubectlPath: string;
  /** The script behind every shim. */
  readonly shimScript: string;
  /** Aborted when the instance terminates: ends boots and simulated waiting. */
  readonly terminated: AbortController;
  /** Leaders of the process groups that the agent started and that still run. */
  readonly processGroups: Set<number>;
  /** Path of a file of the instance, e.g. path('/etc/hostname'). */
  path(absolutePath: string): string;
}

export function createInstance(
  options: Pick<Instance, 'spec' | 'context' | 'cluster' | 'kubectlPath' | 'shimScript'>,
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
