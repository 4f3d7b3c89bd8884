import { Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ec2Arn } from '../lib/arns.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { ControlPlane } from '../nodes/control-plane.ts';

export interface EnsureControlPlaneProps {
  readonly defaults: FunctionDefaults;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly controlPlane: ControlPlane;
}

/** The function that finds, starts or launches the control plane's instance, only from its launch template. */
export class EnsureControlPlane extends Construct {
  constructor(scope: Construct, id: string, { defaults, vpc, securityGroup, controlPlane }: EnsureControlPlaneProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const { subnetIds } = vpc.selectSubnets({ subnetType: SubnetType.PUBLIC });
    const launchTemplate = ec2Arn(this, 'launch-template', controlPlane.launchTemplate.launchTemplateId ?? '');
    // What the template says may not be replaced by the caller: only the subnet is the caller's choice.
    const fromTemplate = {
      ArnEquals: { 'ec2:LaunchTemplate': launchTemplate },
      Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
    };
    const created = ['instance', 'volume', 'network-interface'].map((resource) => ec2Arn(this, resource, '*'));
    const images = Stack.of(this).formatArn({ service: 'ec2', account: '', resource: 'image', resourceName: '*' });

    new TaskFunction(this, 'Function', {
      ...defaults,
      name: 'ensure-control-plane',
      description: 'Finds the instance of the control plane, or starts it',
      timeoutSeconds: 55,
      environment: {
        CLUSTER_NAME: clusterName,
        CONTROL_PLANE_LAUNCH_TEMPLATE_ID: controlPlane.launchTemplate.launchTemplateId ?? '',
        CONTROL_PLANE_SUBNET_IDS: subnetIds.join(','),
      },
      statements: [
        new PolicyStatement({ sid: 'Find', actions: ['ec2:DescribeInstances'], resources: ['*'] }),
        new PolicyStatement({
          sid: 'Create',
          actions: ['ec2:RunInstances'],
          resources: created,
          conditions: fromTemplate,
        }),
        new PolicyStatement({
          sid: 'CreateFrom',
          actions: ['ec2:RunInstances'],
          resources: [images, ec2Arn(this, 'security-group', securityGroup.securityGroupId)],
          conditions: fromTemplate,
        }),
        new PolicyStatement({
          sid: 'CreateIn',
          actions: ['ec2:RunInstances'],
          resources: [launchTemplate, ...subnetIds.map((subnetId) => ec2Arn(this, 'subnet', subnetId))],
        }),
        new PolicyStatement({
          sid: 'TagAtCreation',
          actions: ['ec2:CreateTags'],
          resources: created,
          conditions: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
        }),
        new PolicyStatement({
          sid: 'StartStopped',
          actions: ['ec2:StartInstances'],
          resources: [ec2Arn(this, 'instance', '*')],
          conditions: { StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: 'owned' } },
        }),
        new PolicyStatement({
          sid: 'GiveRole',
          actions: ['iam:PassRole'],
          resources: [controlPlane.role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
        }),
      ],
    });

    acknowledgeWildcard(this, '*', 'ec2:DescribeInstances has no resource-level permissions.');
    acknowledgeWildcard(this, images, 'The launch template chooses the image, and a newer one at each deployment.');
    for (const arn of created) {
      acknowledgeWildcard(
        this,
        arn,
        'What a launch creates has no name before it; conditions bind the calls to this launch template, this launch and the tag of the cluster.',
      );
    }
  }
}
