import { Tags } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';

export interface NodeSecurityGroupProps {
  readonly config: ClusterConfig;
  readonly vpc: IVpc;
}

/** The security group of every node: open inside the VPC; from outside only as configured in `access`. */
export class NodeSecurityGroup extends Construct {
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { config, vpc }: NodeSecurityGroupProps) {
    super(scope, id);
    const inside = Peer.ipv4(config.network.vpcCidr);

    this.securityGroup = new SecurityGroup(this, 'Resource', { vpc, description: `Nodes of ${config.clusterName}` });
    // etcd, kubelet, Typha, VXLAN (UDP 4789), node ports. Only the nodes and the functions are in this VPC.
    this.securityGroup.addIngressRule(inside, Port.allTcp(), 'All TCP inside the VPC');
    this.securityGroup.addIngressRule(inside, Port.allUdp(), 'All UDP inside the VPC');
    for (const cidr of config.access.sshCidrs) {
      this.securityGroup.addIngressRule(Peer.ipv4(cidr), Port.tcp(22), 'SSH, by access.sshCidrs');
    }
    for (const cidr of config.access.apiCidrs) {
      this.securityGroup.addIngressRule(Peer.ipv4(cidr), Port.tcp(6443), 'Kubernetes API, by access.apiCidrs');
    }
    // The cloud controller manager adds rules for load balancers to the one group of a node that has this tag.
    Tags.of(this.securityGroup).add(`kubernetes.io/cluster/${config.clusterName}`, 'owned');
  }
}
