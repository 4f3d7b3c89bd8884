import type { NodeIdentity } from '#local/contracts/cluster.ts';
import type { Instance } from '#local/instance/instance.ts';

/** What the cluster has to know of the instance behind a node. */
export function nodeIdentity({ spec, root }: Instance, nodeName: string): NodeIdentity {
  return {
    instanceId: spec.instanceId,
    nodeName,
    privateIp: spec.privateIp,
    availabilityZone: spec.availabilityZone,
    instanceType: spec.instanceType,
    rootFolder: root,
  };
}
