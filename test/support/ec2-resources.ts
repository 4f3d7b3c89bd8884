import type { FakeCloud } from './fake-cloud.ts';

export interface Ec2Resources {
  readonly subnetIds: readonly string[];
  readonly launchTemplateId: string;
}

/** Creates two subnets in two zones and a launch template, as CloudFormation would. */
export async function createEc2Resources(cloud: FakeCloud, role = 'worker'): Promise<Ec2Resources> {
  const subnets = await Promise.all(
    ['a', 'b'].map((zone, index) =>
      cloud.create('AWS::EC2::Subnet', `Subnet${zone}`, {
        VpcId: 'vpc-1',
        CidrBlock: `10.0.${index}.0/24`,
        AvailabilityZone: `eu-west-1${zone}`,
        Tags: [{ Key: 'Name', Value: `public-${zone}` }],
      }),
    ),
  );
  const template = await cloud.create('AWS::EC2::LaunchTemplate', 'Template', {
    LaunchTemplateData: {
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't3.medium',
      SecurityGroupIds: ['sg-1'],
      IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/nodes' },
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'stepkube:role', Value: role },
            { Key: 'kubernetes.io/cluster/test', Value: 'owned' },
          ],
        },
        { ResourceType: 'volume', Tags: [{ Key: 'kind', Value: 'volume' }] },
      ],
    },
  });
  return { subnetIds: subnets.map(({ ref }) => ref), launchTemplateId: template.ref };
}
