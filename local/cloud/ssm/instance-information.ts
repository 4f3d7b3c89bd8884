/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html */
import { z } from 'zod';
import type { Instance } from '../ec2/instance.ts';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';

const describeInput = z.object({
  Filters: z.array(z.object({ Key: z.string(), Values: z.array(z.string()) })).default([]),
  /** The older form of Filters. */
  InstanceInformationFilterList: z.array(z.object({ key: z.string(), valueSet: z.array(z.string()) })).default([]),
});

type Filter = z.output<typeof describeInput>['Filters'][number];

const filterValues: Readonly<Record<string, (instance: Instance) => string | undefined>> = {
  AgentVersion: ({ agentVersion }) => agentVersion,
  InstanceIds: ({ instanceId }) => instanceId,
  PingStatus: ({ agent }) => agent,
  PlatformTypes: () => 'Linux',
  ResourceType: () => 'EC2Instance',
};

/** Lists the instances whose agent has registered, until they are terminated. */
export function describeInstanceInformation(instances: () => readonly Instance[]): Operation {
  return operation(describeInput, ({ Filters, InstanceInformationFilterList }) => {
    const filters = [
      ...Filters,
      ...InstanceInformationFilterList.map(({ key, valueSet }) => ({ Key: key, Values: valueSet })),
    ];
    const registered = instances().filter(({ agent, state }) => agent !== 'none' && state !== 'terminated');
    const selected = registered.filter((instance) => filters.every((filter) => matches(instance, filter)));
    return { InstanceInformationList: selected.map(describe) };
  });
}

/** @throws ServiceError InvalidFilterKey */
function matches(instance: Instance, { Key, Values }: Filter): boolean {
  const filterValue = filterValues[Key];
  if (filterValue === undefined) throw new ServiceError('InvalidFilterKey', `The filter key ${Key} is not valid.`);
  return Values.includes(filterValue(instance) ?? '');
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
