/** AWS::EC2::Subnet and AWS::EC2::LaunchTemplate: what EC2 and Auto Scaling launch instances into and from. */
import { z } from 'zod';
import { physicalId } from '../physical-name.ts';
import { provider, type ResourceProvider, templateTags } from '../resource.ts';
import { ServiceError } from '../service-error.ts';
import { type LaunchTemplate, type Subnet, tagRecord } from './instance.ts';

/** A launch template and its version; an empty version stands for the default one. */
export const templateReference = z.object({
  LaunchTemplateId: z.string(),
  Version: z
    .union([z.string(), z.number()])
    .default('')
    .transform((version) => String(version) || '$Default'),
});

export class LaunchResources {
  readonly subnets = new Map<string, Subnet>();
  readonly launchTemplates = new Map<string, LaunchTemplate>();

  /** @throws ServiceError InvalidSubnetID.NotFound */
  requiredSubnet(subnetId: string): Subnet {
    const subnet = this.subnets.get(subnetId);
    if (subnet === undefined) {
      throw new ServiceError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    }
    return subnet;
  }

  /** @throws ServiceError InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateId.VersionNotFound */
  requiredTemplate({
    LaunchTemplateId: launchTemplateId,
    Version,
  }: z.output<typeof templateReference>): LaunchTemplate {
    const template = this.launchTemplates.get(launchTemplateId);
    if (template === undefined) {
      const message = `The specified launch template, with template ID ${launchTemplateId}, does not exist.`;
      throw new ServiceError('InvalidLaunchTemplateId.NotFound', message);
    }
    // A template's changes replace the whole template in the twin: it has one version.
    if (!['1', '$Default', '$Latest'].includes(Version)) {
      const message = `Could not find launch template version ${Version} for launch template with ID ${launchTemplateId}.`;
      throw new ServiceError('InvalidLaunchTemplateId.VersionNotFound', message);
    }
    return template;
  }
}

const subnetProperties = z.object({
  VpcId: z.string(),
  CidrBlock: z.string(),
  AvailabilityZone: z.string(),
  Tags: templateTags,
});

const launchTemplateProperties = z.object({
  LaunchTemplateData: z.object({
    ImageId: z.string(),
    InstanceType: z.string(),
    SecurityGroupIds: z.array(z.string()).default([]),
    IamInstanceProfile: z.object({ Arn: z.string().optional(), Name: z.string().optional() }).default({}),
    TagSpecifications: z.array(z.object({ ResourceType: z.string(), Tags: templateTags })).default([]),
  }),
});

export function launchResourceProviders(stackName: string, resources: LaunchResources): readonly ResourceProvider[] {
  return [
    provider('AWS::EC2::Subnet', subnetProperties, ({ logicalId, properties }) => {
      const { VpcId, CidrBlock, AvailabilityZone, Tags } = properties;
      const subnetId = physicalId('subnet', stackName, logicalId);
      resources.subnets.set(subnetId, {
        subnetId,
        vpcId: VpcId,
        cidrBlock: CidrBlock,
        availabilityZone: AvailabilityZone,
        tags: tagRecord(Tags),
      });
      return { ref: subnetId, attributes: { SubnetId: subnetId, VpcId, CidrBlock, AvailabilityZone } };
    }),

    provider('AWS::EC2::LaunchTemplate', launchTemplateProperties, ({ logicalId, properties }) => {
      const launchTemplateId = physicalId('lt', stackName, logicalId);
      const { ImageId, InstanceType, SecurityGroupIds, IamInstanceProfile, TagSpecifications } =
        properties.LaunchTemplateData;
      resources.launchTemplates.set(launchTemplateId, {
        launchTemplateId,
        imageId: ImageId,
        instanceType: InstanceType,
        securityGroupIds: SecurityGroupIds,
        instanceProfile: IamInstanceProfile.Arn ?? IamInstanceProfile.Name,
        tags: tagRecord(TagSpecifications.find(({ ResourceType }) => ResourceType === 'instance')?.Tags ?? []),
      });
      const attributes = { LaunchTemplateId: launchTemplateId, LatestVersionNumber: '1', DefaultVersionNumber: '1' };
      return { ref: launchTemplateId, attributes };
    }),
  ];
}
