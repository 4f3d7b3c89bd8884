import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { clusterTemplate, only, resourcesOf } from '#support/infra.ts';

const template = clusterTemplate();
const clusterTag = { Key: 'kubernetes.io/cluster/shapes', Value: 'owned' };
const groupOf = (of: Template, role: 'Control plane' | 'Workers') =>
  Object.entries(resourcesOf(of, 'AWS::EC2::SecurityGroup')).find(
    ([, { Properties }]) => Properties.GroupDescription === `${role} of shapes`,
  )!;
/** Who reaches a group by which port: 'tcp 6443 from Workers', by address: 'tcp 22 from 198.51.100.0/24'. */
function ingressOf(of: Template, role: 'Control plane' | 'Workers'): string[] {
  const [id, { Properties }] = groupOf(of, role);
  const idOf = (reference: { 'Fn::GetAtt': [string, string] }) => reference['Fn::GetAtt'][0];
  const nameOf = (source: { 'Fn::GetAtt': [string, string] }) =>
    resourcesOf(of, 'AWS::EC2::SecurityGroup')[idOf(source)]!.Properties.GroupDescription.replace(' of shapes', '');
  const separate = Object.values(resourcesOf(of, 'AWS::EC2::SecurityGroupIngress'))
    .map((rule) => rule.Properties)
    .filter(({ GroupId }) => idOf(GroupId) === id);
  return [...(Properties.SecurityGroupIngress ?? []), ...separate]
    .map(({ IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupId }) => {
      const ports = FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`;
      return `${IpProtocol} ${ports} from ${CidrIp ?? nameOf(SourceSecurityGroupId)}`;
    })
    .sort();
}
const publicSubnets = Object.entries(resourcesOf(template, 'AWS::EC2::Subnet')).filter(
  ([, { Properties }]) => Properties.MapPublicIpOnLaunch === true,
);

describe('network', () => {
  it('the network has a public and an isolated subnet in each of two availability zones', () => {
    const zones = new Set(publicSubnets.map(([, { Properties }]) => JSON.stringify(Properties.AvailabilityZone)));
    expect(zones.size).toBe(2);
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    const routed = Object.values(resourcesOf(template, 'AWS::EC2::Route'));
    expect(routed.every(({ Properties }) => 'GatewayId' in Properties)).toBe(true);
    expect(routed).toHaveLength(publicSubnets.length);
  });

  it("the VPC, every subnet and the nodes' security group have the cluster's tag", () => {
    const groups = (['Control plane', 'Workers'] as const).map((role) => groupOf(template, role)[1]);
    const tagged = [
      ...Object.values(resourcesOf(template, 'AWS::EC2::VPC')),
      ...Object.values(resourcesOf(template, 'AWS::EC2::Subnet')),
      ...groups,
    ];
    for (const { Properties } of tagged) expect(Properties.Tags).toContainEqual(clusterTag);
    for (const [, { Properties }] of publicSubnets) {
      expect(Properties.Tags).toContainEqual({ Key: 'kubernetes.io/role/elb', Value: '1' });
    }
  });

  it('the isolated subnets reach Secrets Manager by an endpoint that only the VPC reaches', () => {
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Interface',
      ServiceName: 'com.amazonaws.eu-west-1.secretsmanager',
      PrivateDnsEnabled: true,
    });
    const endpoint = only(template, 'AWS::EC2::SecurityGroup', ({ GroupDescription }) =>
      GroupDescription.startsWith('Interface endpoints'),
    );
    expect(endpoint.Properties.SecurityGroupIngress).toEqual([
      expect.objectContaining({ CidrIp: '10.7.0.0/16', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }),
    ]);
  });
});

describe('security groups of the nodes', () => {
  const functions = 'Lambda functions that speak to the Kubernetes API';

  it('the control plane is reached by the clients of API server, kubelet and pod network, and at etcd by control planes only', () => {
    expect(ingressOf(template, 'Control plane')).toEqual([
      'tcp 10250 from Control plane',
      'tcp 10250 from Workers',
      'tcp 2379-2380 from Control plane',
      'tcp 6443 from Control plane',
      `tcp 6443 from ${functions}`,
      'tcp 6443 from Workers',
      'udp 4789 from Control plane',
      'udp 4789 from Workers',
    ]);
  });

  it("workers are reached by the kubelet's and the pod network's clients, and by load balancers at node ports", () => {
    expect(ingressOf(template, 'Workers')).toEqual([
      'tcp 10250 from Control plane',
      'tcp 10250 from Workers',
      'tcp 30000-32767 from 10.7.0.0/16',
      'udp 4789 from Control plane',
      'udp 4789 from Workers',
    ]);
  });

  it('the nodes open port 22 to access.sshCidrs, and the control plane port 6443 to access.apiCidrs', () => {
    const open = clusterTemplate({ access: { sshCidrs: ['198.51.100.0/24'], apiCidrs: ['203.0.113.7/32'] } });
    const added = (role: 'Control plane' | 'Workers') =>
      ingressOf(open, role).filter((rule) => !ingressOf(template, role).includes(rule));
    expect(added('Control plane')).toEqual(['tcp 22 from 198.51.100.0/24', 'tcp 6443 from 203.0.113.7/32']);
    expect(added('Workers')).toEqual(['tcp 22 from 198.51.100.0/24']);
  });
});

describe.each([
  ['control-plane', 't3.medium'],
  ['worker', 't3a.medium'],
])('launch template of the %s', (role, instanceType) => {
  const { Properties } = only(template, 'AWS::EC2::LaunchTemplate', ({ LaunchTemplateData }) =>
    LaunchTemplateData.TagSpecifications[0].Tags.some(({ Value }: { Value: string }) => Value === role),
  );
  const data = Properties.LaunchTemplateData;

  it(`the ${role} starts as the configured type with the newest Ubuntu 24.04 at deployment`, () => {
    expect(data.InstanceType).toBe(instanceType);
    const parameter = template.findParameters('*')[data.ImageId.Ref];
    expect(parameter).toMatchObject({
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      Default: expect.stringContaining('/canonical/ubuntu/server/24.04/'),
    });
  });

  it(`the metadata service of the ${role} demands a token and answers the instance itself only`, () => {
    expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  });

  it(`the root volume of the ${role} is encrypted`, () => {
    expect(data.BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/sda1', Ebs: expect.objectContaining({ Encrypted: true, VolumeType: 'gp3' }) },
    ]);
  });

  it.each(['instance', 'volume'])(
    `the %s of the ${role} has the cluster's tag, its role and a name`,
    (resourceType) => {
      const { Tags } = data.TagSpecifications.find(
        (tags: { ResourceType: string }) => tags.ResourceType === resourceType,
      );
      expect(Tags).toEqual(
        expect.arrayContaining([
          clusterTag,
          { Key: 'stepkube:role', Value: role },
          { Key: 'Name', Value: `shapes-${role}` },
        ]),
      );
    },
  );
});

describe('worker group', () => {
  it('the worker group starts without workers whatever workers.min says, and a later deployment keeps the current capacity', () => {
    const { Properties } = only(template, 'AWS::AutoScaling::AutoScalingGroup', () => true);
    expect(Properties).toMatchObject({ AutoScalingGroupName: 'shapes-workers', MinSize: '0', MaxSize: '7' });
    expect(Properties).not.toHaveProperty('DesiredCapacity');
    expect(Properties.VPCZoneIdentifier.map(({ Ref }: { Ref: string }) => Ref)).toEqual(
      publicSubnets.map(([id]) => id),
    );
  });

  it('the worker group has a launch hook and a terminate hook from its first instance on', () => {
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: 'shapes-launch',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          HeartbeatTimeout: 6000,
          DefaultResult: 'ABANDON',
        },
        {
          LifecycleHookName: 'shapes-terminate',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          HeartbeatTimeout: 2400,
          DefaultResult: 'CONTINUE',
        },
      ],
    });
  });
});

describe('functions that speak to the Kubernetes API', () => {
  it.each(['wait-for-nodes', 'apply-workloads'])('%s runs in the isolated subnets', (name) => {
    const { Properties } = only(
      template,
      'AWS::Lambda::Function',
      ({ FunctionName }) => FunctionName === `shapes-${name}`,
    );
    const subnets = Properties.VpcConfig.SubnetIds.map(({ Ref }: { Ref: string }) => Ref);
    expect(subnets).toHaveLength(2);
    expect(publicSubnets.map(([id]) => id)).not.toEqual(expect.arrayContaining(subnets));
  });

  it('functions in the isolated subnets reach nothing but the Kubernetes API and the endpoints', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Lambda functions that speak to the Kubernetes API',
      SecurityGroupEgress: [6443, 443].map((port) =>
        Match.objectLike({ CidrIp: '10.7.0.0/16', FromPort: port, ToPort: port }),
      ),
    });
  });
});
