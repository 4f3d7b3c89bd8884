/**
 * The actions of the AWS managed policies that the template uses, as far as anything in the twin could call them.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import type { Statement } from './policy-document.ts';

const pullImages = [
  'ecr:GetAuthorizationToken',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
  'ecr:BatchImportUpstreamImage',
];
const writeLogs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const networkInterfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const actionsByName: Readonly<Record<string, readonly string[]>> = {
  AmazonEC2ContainerRegistryPullOnly: pullImages,
  AmazonEC2ContainerRegistryReadOnly: [...pullImages, 'ecr:Describe*', 'ecr:List*', 'ecr:BatchCheckLayerAvailability'],
  AmazonEKSClusterPolicy: [
    'autoscaling:DescribeAutoScalingGroups',
    'autoscaling:UpdateAutoScalingGroup',
    'ec2:AttachVolume',
    'ec2:AuthorizeSecurityGroupIngress',
    'ec2:CreateRoute',
    'ec2:CreateSecurityGroup',
    'ec2:CreateTags',
    'ec2:CreateVolume',
    'ec2:DeleteRoute',
    'ec2:DeleteSecurityGroup',
    'ec2:DeleteVolume',
    'ec2:Describe*',
    'ec2:DetachVolume',
    'ec2:ModifyInstanceAttribute',
    'ec2:ModifyVolume',
    'ec2:RevokeSecurityGroupIngress',
    'elasticloadbalancing:*',
    'kms:DescribeKey',
  ],
  AmazonEKSWorkerNodePolicy: [
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceTypes',
    'ec2:DescribeRouteTables',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVolumes',
    'ec2:DescribeVolumesModifications',
    'ec2:DescribeVpcs',
    'eks:DescribeCluster',
    'eks-auth:AssumeRoleForPodIdentity',
  ],
  AmazonSSMManagedInstanceCore: [
    'ssm:DescribeAssociation',
    'ssm:GetDeployablePatchSnapshotForInstance',
    'ssm:GetDocument',
    'ssm:DescribeDocument',
    'ssm:GetManifest',
    'ssm:GetParameter',
    'ssm:GetParameters',
    'ssm:List*Associations',
    'ssm:PutInventory',
    'ssm:PutComplianceItems',
    'ssm:PutConfigurePackageResult',
    'ssm:UpdateAssociationStatus',
    'ssm:UpdateInstanceAssociationStatus',
    'ssm:UpdateInstanceInformation',
    'ssmmessages:*',
    'ec2messages:*',
  ],
  AWSLambdaBasicExecutionRole: writeLogs,
  AWSLambdaVPCAccessExecutionRole: [...writeLogs, ...networkInterfaces],
};

/** @throws Error for a managed policy that is not in the table above */
export function awsManagedPolicy(arn: string): readonly Statement[] {
  const name = arn.split('/').at(-1) ?? '';
  const actions = actionsByName[name];
  if (actions === undefined) {
    throw new Error(
      `managed policy ${arn}: the twin knows ${Object.keys(actionsByName).join(', ')} (local/cloud/iam/managed-policies.ts)`,
    );
  }
  return [
    { effect: 'Allow', actions, notActions: [], resources: ['*'], notResources: [], principals: {}, conditions: {} },
  ];
}
