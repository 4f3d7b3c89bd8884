import { Tags } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { IssuerBucket } from '../identity/issuer-bucket.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import { serviceAccountRole } from '../identity/service-account-role.ts';
import { groupArn } from '../lib/arns.ts';
import { autoscaledTag } from '../lib/autoscaled-tag.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import type { Workers } from './workers.ts';

export interface WorkerAutoscalingProps {
  readonly clusterName: string;
  readonly workers: Workers;
  readonly identity: PodIdentity;
  readonly issuer: IssuerBucket;
}

/** What the cluster autoscaler (workloads/addons/cluster-autoscaler) needs of AWS: a role of its own, and tags by which it finds the group. */
export class WorkerAutoscaling extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { clusterName, workers, identity, issuer }: WorkerAutoscalingProps) {
    super(scope, id);
    for (const key of [autoscaledTag, `k8s.io/cluster-autoscaler/${clusterName}`])
      Tags.of(workers.group).add(key, 'true', { applyToLaunchedInstances: false });

    const group = groupArn(this, workers.groupName);
    const role = serviceAccountRole(this, 'Role', {
      provider: identity.provider,
      issuer,
      namespace: 'kube-system',
      serviceAccount: 'cluster-autoscaler',
      statements: [
        new PolicyStatement({
          sid: 'Read',
          actions: [
            'autoscaling:DescribeAutoScalingGroups',
            'autoscaling:DescribeScalingActivities',
            'ec2:DescribeInstanceTypes',
            'ec2:DescribeLaunchTemplateVersions',
          ],
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'Scale',
          actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
          resources: [group],
        }),
      ],
    });
    acknowledgeWildcard(role, '*', 'None of the Describe calls has resource-level permissions.');
    acknowledgeWildcard(
      role,
      group,
      'The wildcard stands for the id in the ARN of a group; its name is given in full.',
    );
    this.roleArn = role.roleArn;
  }
}
