import type { ISecurityGroup, LaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import type { IssuerBucket } from '../identity/issuer-bucket.ts';
import { NodeLaunchTemplate } from './node-launch-template.ts';
import { NodeRole } from './node-role.ts';

export interface ControlPlaneProps {
  readonly config: ClusterConfig;
  readonly securityGroup: ISecurityGroup;
  readonly secrets: ClusterSecrets;
  readonly issuer: IssuerBucket;
  /** Zip file of the add-ons' manifests. */
  readonly addons: Asset;
  readonly commandLog: ILogGroup;
}

/** The control plane's role and launch template. provision-cluster launches the instance. */
export class ControlPlane extends Construct {
  readonly role: Role;
  readonly launchTemplate: LaunchTemplate;

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    this.role = new NodeRole(this, 'Role', {
      description: `Control plane of ${props.config.clusterName}`,
      kubernetesPolicy: {
        name: 'AmazonEKSClusterPolicy',
        reason:
          'Lists the EC2 and load balancing calls of the cloud controller manager, which acts on what Kubernetes users create; AWS keeps it in step with that controller.',
      },
      commandLog: props.commandLog,
    }).role;

    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'Addons',
        actions: ['s3:GetObject'],
        resources: [props.addons.bucket.arnForObjects(props.addons.s3ObjectKey)],
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'Issuer',
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: props.issuer.documentArns,
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'Credentials',
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
        resources: props.secrets.writtenByControlPlane,
      }),
    );

    this.launchTemplate = new NodeLaunchTemplate(this, 'LaunchTemplate', {
      clusterName: props.config.clusterName,
      nodeRole: 'control-plane',
      instanceType: props.config.controlPlane.instanceType,
      role: this.role,
      securityGroup: props.securityGroup,
    }).launchTemplate;
  }
}
