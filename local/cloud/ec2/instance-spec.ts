import type { InstanceSpec } from '#local/contracts/instance.ts';
import type { CloudCore } from '../service.ts';
import { type Instance, roleOf } from './instance.ts';

/** What an instance's host has to know of it. */
export function specOf(core: CloudCore, instance: Instance): InstanceSpec {
  const { instanceId, instanceType, privateIp, privateDnsName, tags, subnet, instanceProfile } = instance;
  return {
    instanceId,
    instanceType,
    role: roleOf(instance),
    privateIp,
    privateDnsName,
    availabilityZone: subnet.availabilityZone,
    region: core.region,
    accountId: core.accountId,
    tags,
    endpoint: core.endpoint,
    credentials: () => {
      if (instanceProfile === undefined) throw new Error(`${instanceId} has no instance profile`);
      return core.issueCredentials(core.instanceProfileRole(instanceProfile), instanceId);
    },
  };
}
