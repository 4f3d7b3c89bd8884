import type { NodeIdentity } from '#local/contracts/cluster.ts';
import type { Instance } from '#local/instance/state/instance.ts';
import { readSoftware } from '#local/instance/state/software.ts';

/** What the cluster must know of the instance behind a node. */
export async function readNodeIdentity(instance: Instance, nodeName: string): Promise<NodeIdentity> {
  const { spec, root } = instance;
  return {
    instanceId: spec.instanceId,
    nodeName,
    privateIp: spec.privateIp,
    availabilityZone: spec.availabilityZone,
    instanceType: spec.instanceType,
    rootFolder: root,
    software: await readSoftware(instance),
  };
}
