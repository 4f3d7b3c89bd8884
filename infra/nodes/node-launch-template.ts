import { Tags } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  type ISecurityGroup,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  OperatingSystemType,
} from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface NodeLaunchTemplateProps {
  readonly clusterName: string;
  readonly nodeRole: 'control-plane' | 'worker';
  readonly instanceType: string;
  readonly role: IRole;
  readonly securityGroup: ISecurityGroup;
}

/** Canonical's public parameter with the newest Ubuntu 24.04 image for x86_64; CloudFormation reads it at each deployment. */
const ubuntuImageParameter = '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id';

/** How an instance of the cluster starts: plain Ubuntu; Systems Manager documents install everything else. */
export class NodeLaunchTemplate extends Construct {
  readonly launchTemplate: LaunchTemplate;

  constructor(scope: Construct, id: string, props: NodeLaunchTemplateProps) {
    super(scope, id);
    this.launchTemplate = new LaunchTemplate(this, 'Resource', {
      machineImage: MachineImage.fromSsmParameter(ubuntuImageParameter, { os: OperatingSystemType.LINUX }),
      instanceType: new InstanceType(props.instanceType),
      role: props.role,
      securityGroup: props.securityGroup,
      // Pods are one network hop further away than the node, so the metadata service does not answer them.
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/sda1',
          volume: BlockDeviceVolume.ebs(30, { volumeType: EbsDeviceVolumeType.GP3, encrypted: true }),
        },
      ],
    });
    // A launch template's tags become those of its instances and their volumes.
    const tags = Tags.of(this.launchTemplate);
    tags.add(`kubernetes.io/cluster/${props.clusterName}`, 'owned');
    tags.add('stepkube:role', props.nodeRole);
    tags.add('Name', `${props.clusterName}-${props.nodeRole}`);
  }
}
