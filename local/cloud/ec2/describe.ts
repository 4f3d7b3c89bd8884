/** The XML structures of EC2's responses. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html */
import { type Instance, type Subnet, stateCodes, type Tags } from './instance.ts';

export function reservationXml(instances: readonly Instance[], accountId: string): object {
  return {
    reservationId: instances[0]?.reservationId,
    ownerId: accountId,
    groupSet: [],
    instancesSet: instances.map(instanceXml),
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
  const isTerminated = state === 'terminated';
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateXml(state),
    privateDnsName: isTerminated ? '' : instance.privateDnsName,
    dnsName: '',
    reason: '',
    amiLaunchIndex: 0,
    instanceType: instance.instanceType,
    launchTime: instance.launchTime.toISOString(),
    placement: { availabilityZone: subnet.availabilityZone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    ...(isTerminated ? {} : { subnetId: subnet.subnetId, vpcId: subnet.vpcId, privateIpAddress: instance.privateIp }),
    groupSet: isTerminated ? [] : instance.securityGroupIds.map((groupId) => ({ groupId, groupName: groupId })),
    architecture: 'x86_64',
    rootDeviceType: 'ebs',
    rootDeviceName: '/dev/sda1',
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    clientToken: instance.clientToken ?? '',
    tagSet: tagSet(tags),
  };
}

function tagSet(tags: Tags): readonly object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
