/** One simulated EC2 instance, as the agent and the shims use it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ClusterHost } from '#local/contracts/cluster.ts';
import type { TwinContext } from '#local/contracts/context.ts';
import type { InstanceSpec } from '#local/contracts/instance.ts';

export interface Instance {
  readonly spec: InstanceSpec;
  readonly context: TwinContext;
  readonly cluster: ClusterHost;
  /** The instance's `/`. */
  readonly root: string;
  /** Sent with each shim's call, which proves that the call comes from this instance. */
  readonly secret: string;
  /** The real kubectl, which the apt-get shim links as `/usr/bin/kubectl`. */
  readonly kubectlPath: string;
  /** The script that is started for every shim. */
  readonly shimScript: string;
  /** Aborted when the instance is terminated or powered off, which ends its boot and all simulated waiting; each boot has its own. */
  terminated: AbortController;
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
