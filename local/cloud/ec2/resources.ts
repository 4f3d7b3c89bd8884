/** AWS::EC2::Subnet and AWS::EC2::LaunchTemplate; the rest of the network has no behaviour here. */
import { physicalId } from '../physical-name.ts';
import type { CloudCore, ResourceProvider, TemplateResource } from '../service.ts';
import { tagRecord } from './instance.ts';
import type { InstanceStore } from './instances.ts';

export function ec2Providers(core: CloudCore, store: InstanceStore): readonly ResourceProvider[] {
  return [
    { type: 'AWS::EC2::Subnet', create: (resource) => createSubnet(core, store, resource) },
    { type: 'AWS::EC2::LaunchTemplate', create: (resource) => createLaunchTemplate(core, store, resource) },
  ];
}

function createSubnet(core: CloudCore, store: InstanceStore, { logicalId, properties }: TemplateResource) {
  const subnetId = physicalId('subnet', core.options.stackName, logicalId);
  store.subnets.set(subnetId, {
    subnetId,
    vpcId: properties.VpcId,
    cidrBlock: properties.CidrBlock,
    availabilityZone: properties.AvailabilityZone,
    tags: tagRecord(properties.Tags),
  });
  const attributes = {
    SubnetId: subnetId,
    VpcId: properties.VpcId,
    CidrBlock: properties.CidrBlock,
    AvailabilityZone: properties.AvailabilityZone,
  };
  return { ref: subnetId, attributes };
}

function createLaunchTemplate(core: CloudCore, store: InstanceStore, { logicalId, properties }: TemplateResource) {
  const launchTemplateId = physicalId('lt', core.options.stackName, logicalId);
  const data = properties.LaunchTemplateData;
  const instanceTags = (data.TagSpecifications ?? []).find(
    ({ ResourceType }: { ResourceType: string }) => ResourceType === 'instance',
  );
  store.launchTemplates.set(launchTemplateId, {
    launchTemplateId,
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    securityGroupIds: data.SecurityGroupIds ?? [],
    instanceProfile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name,
    tags: tagRecord(instanceTags?.Tags),
  });
  const attributes = { LaunchTemplateId: launchTemplateId, LatestVersionNumber: '1', DefaultVersionNumber: '1' };
  return { ref: launchTemplateId, attributes };
}
