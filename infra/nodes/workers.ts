import { Duration, Tags } from 'aws-cdk-lib';
import { AutoScalingGroup, type CfnAutoScalingGroup, HealthChecks } from 'aws-cdk-lib/aws-autoscaling';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { machineTimeoutSeconds } from '../lib/machine-files.ts';
import { acknowledge } from '../lib/nag.ts';
import { NodeLaunchTemplate } from './node-launch-template.ts';
import { NodeRole } from './node-role.ts';

export interface WorkersProps {
  readonly config: ClusterConfig;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly secrets: ClusterSecrets;
  readonly commandLog: ILogGroup;
}

const hookMarginSeconds = 600;

/** The workers' role, launch template and Auto Scaling group, with the hooks by which workers join and leave. */
export class Workers extends Construct {
  readonly groupName: string;
  readonly group: AutoScalingGroup;
  readonly launchHookName: string;
  readonly terminateHookName: string;
  /** Longer than join-node may run, which completes the hook in any case: only if it cannot, the hook's timeout decides. */
  readonly launchHookTimeout = Duration.seconds(machineTimeoutSeconds('join-node') + hookMarginSeconds);
  /** Likewise for drain-node. */
  readonly terminateHookTimeout = Duration.seconds(machineTimeoutSeconds('drain-node') + hookMarginSeconds);

  constructor(scope: Construct, id: string, { config, vpc, securityGroup, secrets, commandLog }: WorkersProps) {
    super(scope, id);
    this.groupName = `${config.clusterName}-workers`;
    this.launchHookName = `${config.clusterName}-launch`;
    this.terminateHookName = `${config.clusterName}-terminate`;

    const { role } = new NodeRole(this, 'Role', {
      description: `Workers of ${config.clusterName}`,
      kubernetesPolicy: {
        name: 'AmazonEKSWorkerNodePolicy',
        reason: 'Read-only descriptions of instances, volumes and the network, which the kubelet asks for.',
      },
      commandLog,
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'JoinCredentials',
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secrets.join.ref],
      }),
    );

    const { launchTemplate } = new NodeLaunchTemplate(this, 'LaunchTemplate', {
      clusterName: config.clusterName,
      nodeRole: 'worker',
      instanceType: config.workers.instanceType,
      role,
      securityGroup,
    });
    // No desired capacity: a new group starts at its minimum, and a later deployment keeps the current capacity. The configured minimum is
    // set by provision-cluster: workers that start before there is a cluster could not join.
    this.group = new AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      launchTemplate,
      minCapacity: 0,
      maxCapacity: config.workers.max,
      healthChecks: HealthChecks.ec2({ gracePeriod: Duration.minutes(5) }),
    });
    Tags.of(this.group).add('Name', `${config.clusterName}-worker`);

    // Part of the group rather than resources of their own: a new group's first instances would start before those exist.
    const resource = this.group.node.defaultChild as CfnAutoScalingGroup;
    resource.lifecycleHookSpecificationList = [
      {
        lifecycleHookName: this.launchHookName,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        heartbeatTimeout: this.launchHookTimeout.toSeconds(),
        defaultResult: 'ABANDON',
      },
      {
        lifecycleHookName: this.terminateHookName,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        heartbeatTimeout: this.terminateHookTimeout.toSeconds(),
        defaultResult: 'CONTINUE',
      },
    ];

    acknowledge(this.group, {
      AS3: 'Every launch and termination already goes through a lifecycle hook, and its events to EventBridge and the state machines.',
    });
  }
}
