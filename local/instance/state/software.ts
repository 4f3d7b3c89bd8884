/** What the documents have installed on an instance, from the traces that its installation left. */
import { readFile } from 'node:fs/promises';
import type { NodeSoftware } from '#local/contracts/cluster.ts';
import { simulatedSource, versionOf } from './downloads.ts';
import type { Instance } from './instance.ts';
import { readPackages } from './packages.ts';

/** v1.36.3, from a package of version 1.36.3-1.1; v0.0.0 when the package is not installed. */
export async function kubernetesPackageVersion(instance: Instance, packageName: string): Promise<string> {
  const packages = await readPackages(instance);
  return `v${packages[packageName]?.split('-')[0] ?? '0.0.0'}`;
}

export async function readSoftware(instance: Instance): Promise<NodeSoftware> {
  const [kubeletVersion, containerdSource, osRelease, kernelVersion] = await Promise.all([
    kubernetesPackageVersion(instance, 'kubelet'),
    simulatedSource(instance.path('/usr/local/bin/containerd')),
    readFile(instance.path('/etc/os-release'), 'utf8'),
    readFile(instance.path('/proc/sys/kernel/osrelease'), 'utf8'),
  ]);
  return {
    kubeletVersion,
    containerdVersion: versionOf(containerdSource ?? ''),
    osImage: /^PRETTY_NAME="(.*)"$/m.exec(osRelease)?.[1] ?? '',
    kernelVersion: kernelVersion.trim(),
  };
}
