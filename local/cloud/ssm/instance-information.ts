import type { Instance } from '../ec2/instance.ts';
import { type Operation, ServiceError } from '../service.ts';

type Wanted = { readonly Key: string; readonly Values: readonly string[] };

const filters: Readonly<Record<string, (instance: Instance) => string | undefined>> = {
  AgentVersion: ({ agentVersion }) => agentVersion,
  InstanceIds: ({ instanceId }) => instanceId,
  PingStatus: ({ agent }) => agent,
  PlatformTypes: () => 'Linux',
  ResourceType: () => 'EC2Instance',
};

/** DescribeInstanceInformation: instances whose agent has ever registered, as long as they exist. */
export function describeInstanceInformation(instances: () => readonly Instance[]): Operation {
  return async ({ Filters, InstanceInformationFilterList }) => {
    const wanted: readonly Wanted[] = [
      ...(Filters ?? []),
      ...(InstanceInformationFilterList ?? []).map(({ key, valueSet }: { key: string; valueSet: string[] }) => ({
        Key: key,
        Values: valueSet,
      })),
    ];
    const registered = instances().filter(({ agent, state }) => agent !== 'none' && state !== 'terminated');
    return { InstanceInformationList: registered.filter((instance) => wanted.every(matcher(instance))).map(describe) };
  };
}

function matcher(instance: Instance): (wanted: Wanted) => boolean {
  return ({ Key, Values }) => {
    const filterValue = filters[Key];
    if (filterValue === undefined) throw new ServiceError('InvalidFilterKey', `The filter key ${Key} is not valid.`);
    return Values.includes(filterValue(instance) ?? '');
  };
}

function describe(instance: Instance): object {
  return {
    InstanceId: instance.instanceId,
    PingStatus: instance.agent,
    LastPingDateTime: Date.now() / 1000,
    AgentVersion: instance.agentVersion,
    IsLatestVersion: true,
    PlatformType: 'Linux',
    PlatformName: 'Ubuntu',
    PlatformVersion: '24.04',
    ResourceType: 'EC2Instance',
    IPAddress: instance.privateIp,
    ComputerName: instance.privateDnsName,
  };
}
