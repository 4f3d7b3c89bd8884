/**
 * Resource types that only get ids in the twin: its network lets everything through, and it collects no metrics. What AWS would
 * enforce or collect by these resources is checked by tests on the template instead.
 */
import { z } from 'zod';
import { physicalId } from '../physical-name.ts';
import { provider, type ResourceProvider } from '../resource.ts';

const vpcProperties = z.object({ CidrBlock: z.string() });

/** Types whose Ref is the logical id. */
const unidentifiedTypes = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::EC2::Route',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::Logs::ResourcePolicy',
];

/** Type -> prefix of the physical id that Ref returns, and the attributes that return it too. */
const identifiedTypes: Readonly<Record<string, readonly [prefix: string, ...attributes: string[]]>> = {
  'AWS::EC2::EIP': ['eipalloc', 'AllocationId'],
  'AWS::EC2::FlowLog': ['fl', 'Id'],
  'AWS::EC2::InternetGateway': ['igw', 'InternetGatewayId'],
  'AWS::EC2::NatGateway': ['nat', 'NatGatewayId'],
  'AWS::EC2::RouteTable': ['rtb', 'RouteTableId'],
  'AWS::EC2::SecurityGroup': ['sg', 'GroupId', 'Id'],
  'AWS::EC2::SecurityGroupEgress': ['sgr', 'Id'],
  'AWS::EC2::SecurityGroupIngress': ['sgr', 'Id'],
  'AWS::EC2::SubnetRouteTableAssociation': ['rtbassoc', 'Id'],
  'AWS::EC2::VPCEndpoint': ['vpce', 'Id'],
};

export function passiveProviders(stackName: string): readonly ResourceProvider[] {
  return [
    ...unidentifiedTypes.map((type) => provider(type, z.unknown(), ({ logicalId }) => ({ ref: logicalId }))),
    ...Object.entries(identifiedTypes).map(([type, [prefix, ...attributes]]) =>
      provider(type, z.unknown(), ({ logicalId }) => {
        const ref = physicalId(prefix, stackName, logicalId);
        return { ref, attributes: Object.fromEntries(attributes.map((name) => [name, ref])) };
      }),
    ),
    provider('AWS::EC2::VPC', vpcProperties, ({ logicalId, properties: { CidrBlock } }) => {
      const id = (prefix: string) => physicalId(prefix, stackName, logicalId);
      return {
        ref: id('vpc'),
        attributes: { VpcId: id('vpc'), CidrBlock, DefaultSecurityGroup: id('sg'), DefaultNetworkAcl: id('acl') },
      };
    }),
  ];
}
