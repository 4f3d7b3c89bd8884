/**
 * Resource types without behaviour in the twin: the network always lets everything through, and what AWS would enforce or
 * collect by them is checked by assertions on the template instead.
 */
import { physicalId } from '../physical-name.ts';
import type { CreatedResource, TemplateResource } from '../service.ts';

type Passive = (resource: TemplateResource, stackName: string) => CreatedResource;

/** Ref is an id such as rtb-0123; the attributes in the list are the id too. */
const identified =
  (prefix: string, ...attributes: string[]): Passive =>
  ({ logicalId }, stackName) => {
    const ref = physicalId(prefix, stackName, logicalId);
    return { ref, attributes: Object.fromEntries(attributes.map((name) => [name, ref])) };
  };

const nothing: Passive = ({ logicalId }) => ({ ref: logicalId });

const vpc: Passive = ({ logicalId, properties }, stackName) => {
  const id = (prefix: string) => physicalId(prefix, stackName, logicalId);
  return {
    ref: id('vpc'),
    attributes: {
      VpcId: id('vpc'),
      CidrBlock: properties.CidrBlock,
      DefaultSecurityGroup: id('sg'),
      DefaultNetworkAcl: id('acl'),
    },
  };
};

const subnet: Passive = ({ logicalId, properties }, stackName) => {
  const ref = physicalId('subnet', stackName, logicalId);
  return {
    ref,
    attributes: { SubnetId: ref, CidrBlock: properties.CidrBlock, AvailabilityZone: properties.AvailabilityZone },
  };
};

const passiveTypes: Readonly<Record<string, Passive>> = {
  'AWS::CDK::Metadata': nothing,
  'AWS::EC2::EIP': identified('eipalloc', 'AllocationId'),
  'AWS::EC2::FlowLog': identified('fl', 'Id'),
  'AWS::EC2::InternetGateway': identified('igw', 'InternetGatewayId'),
  'AWS::EC2::NatGateway': identified('nat', 'NatGatewayId'),
  'AWS::EC2::Route': nothing,
  'AWS::EC2::RouteTable': identified('rtb', 'RouteTableId'),
  'AWS::EC2::SecurityGroup': identified('sg', 'GroupId', 'Id'),
  'AWS::EC2::SecurityGroupEgress': identified('sgr', 'Id'),
  'AWS::EC2::SecurityGroupIngress': identified('sgr', 'Id'),
  'AWS::EC2::Subnet': subnet,
  'AWS::EC2::SubnetRouteTableAssociation': identified('rtbassoc', 'Id'),
  'AWS::EC2::VPC': vpc,
  'AWS::EC2::VPCEndpoint': identified('vpce', 'Id'),
  'AWS::EC2::VPCGatewayAttachment': nothing,
  'AWS::Logs::ResourcePolicy': nothing,
  'AWS::CloudWatch::Alarm': nothing,
};

export function createPassive(resource: TemplateResource, stackName: string): CreatedResource | undefined {
  return passiveTypes[resource.type]?.(resource, stackName);
}
