/** The EC2 API's XML shapes, and its filters. */
import { ServiceError } from '../service.ts';
import { type Instance, type Subnet, stateCodes } from './instance.ts';

interface Filter {
  readonly Name: string;
  readonly Value?: readonly string[] | '';
}

type Values = (subject: never) => readonly (string | undefined)[];

const instanceFilters: Readonly<Record<string, (instance: Instance) => readonly (string | undefined)[]>> = {
  'availability-zone': ({ subnet }) => [subnet.availabilityZone],
  'client-token': ({ clientToken }) => [clientToken],
  'image-id': ({ imageId }) => [imageId],
  'instance-id': ({ instanceId }) => [instanceId],
  'instance-state-code': ({ state }) => [String(stateCodes[state])],
  'instance-state-name': ({ state }) => [state],
  'instance-type': ({ instanceType }) => [instanceType],
  'private-dns-name': ({ privateDnsName }) => [privateDnsName],
  'private-ip-address': ({ privateIp }) => [privateIp],
  'subnet-id': ({ subnet }) => [subnet.subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
  'vpc-id': ({ subnet }) => [subnet.vpcId],
};

const subnetFilters: Readonly<Record<string, (subnet: Subnet) => readonly (string | undefined)[]>> = {
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'cidr-block': ({ cidrBlock }) => [cidrBlock],
  'subnet-id': ({ subnetId }) => [subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
  'vpc-id': ({ vpcId }) => [vpcId],
};

/** @throws ServiceError InvalidParameterValue for a filter that is not known here */
export function filterInstances(instances: readonly Instance[], filters: unknown): readonly Instance[] {
  return applyFilters(instances, filters, instanceFilters as Readonly<Record<string, Values>>);
}

/** @throws ServiceError InvalidParameterValue for a filter that is not known here */
export function filterSubnets(subnets: readonly Subnet[], filters: unknown): readonly Subnet[] {
  return applyFilters(subnets, filters, subnetFilters as Readonly<Record<string, Values>>);
}

/** All filters must match; of one filter's values, one. */
function applyFilters<T extends { readonly tags: Readonly<Record<string, string>> }>(
  subjects: readonly T[],
  filters: unknown,
  known: Readonly<Record<string, Values>>,
): readonly T[] {
  const checks = listOf<Filter>(filters).map(({ Name, Value }) => {
    const valuesOf = Name.startsWith('tag:') ? ({ tags }: T) => [tags[Name.slice('tag:'.length)]] : known[Name];
    if (valuesOf === undefined) throw new ServiceError('InvalidParameterValue', `The filter '${Name}' is invalid`);
    const wanted = listOf<string>(Value).map(patternOf);
    return (subject: T) =>
      valuesOf(subject as never).some((value) => value !== undefined && wanted.some((pattern) => pattern.test(value)));
  });
  return subjects.filter((subject) => checks.every((check) => check(subject)));
}

/** `*` stands for any characters, `?` for one. */
function patternOf(value: string): RegExp {
  const escaped = value.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

export function reservationXml(instances: readonly Instance[], accountId: string): object {
  return {
    reservationId: instances[0]?.reservationId,
    ownerId: accountId,
    groupSet: [],
    instancesSet: instances.map((instance) => instanceXml(instance)),
  };
}

export function stateXml(state: Instance['state']): object {
  return { code: stateCodes[state], name: state };
}

export function subnetXml(subnet: Subnet): object {
  return {
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidrBlock,
    availabilityZone: subnet.availabilityZone,
    state: 'available',
    tagSet: tagSet(subnet.tags),
  };
}

function instanceXml(instance: Instance): object {
  const { state, subnet, tags } = instance;
  const gone = state === 'terminated';
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateXml(state),
    privateDnsName: gone ? '' : instance.privateDnsName,
    dnsName: '',
    reason: '',
    amiLaunchIndex: 0,
    instanceType: instance.instanceType,
    launchTime: instance.launchTime.toISOString(),
    placement: { availabilityZone: subnet.availabilityZone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    ...(gone
      ? {}
      : {
          subnetId: subnet.subnetId,
          vpcId: subnet.vpcId,
          privateIpAddress: instance.privateIp,
        }),
    groupSet: gone ? [] : instance.securityGroupIds.map((groupId) => ({ groupId, groupName: groupId })),
    architecture: 'x86_64',
    rootDeviceType: 'ebs',
    rootDeviceName: '/dev/sda1',
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    clientToken: instance.clientToken ?? '',
    tagSet: tagSet(tags),
  };
}

function tagSet(tags: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** The query protocol sends an empty list as an empty text. */
export function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? value : [];
}
