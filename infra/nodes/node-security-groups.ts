import { Tags } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';

export interface NodeSecurityGroupsProps {
  readonly config: ClusterConfig;
  readonly vpc: IVpc;
  /** Of the functions that call the Kubernetes API. */
  readonly lambdaSecurityGroup: ISecurityGroup;
}

/** Of the Kubernetes API server. */
const apiPort = Port.tcp(6443);
/** Clients and peers of etcd. */
const etcdPorts = Port.tcpRange(2379, 2380);
const kubeletPort = Port.tcp(10250);
/** Calico carries all traffic of pods between nodes in VXLAN. */
const vxlanPort = Port.udp(4789);
const nodePorts = Port.tcpRange(30_000, 32_767);

/** A security group for each role, with what its nodes need (docs/decisions/0032); from outside only as configured in `access`. */
export class NodeSecurityGroups extends Construct {
  readonly controlPlane: SecurityGroup;
  readonly worker: SecurityGroup;

  constructor(scope: Construct, id: string, { config, vpc, lambdaSecurityGroup }: NodeSecurityGroupsProps) {
    super(scope, id);
    const group = (name: string, description: string) =>
      new SecurityGroup(this, name, { vpc, description: `${description} of ${config.clusterName}` });
    this.controlPlane = group('ControlPlane', 'Control plane');
    this.worker = group('Worker', 'Workers');
    const groups = [this.controlPlane, this.worker];

    for (const client of [...groups, lambdaSecurityGroup])
      this.controlPlane.addIngressRule(client, apiPort, 'Kubernetes API');
    this.controlPlane.addIngressRule(this.controlPlane, etcdPorts, 'etcd, among control planes');
    for (const target of groups) {
      for (const source of groups) {
        target.addIngressRule(source, kubeletPort, 'kubelet: API server and metrics-server');
        target.addIngressRule(source, vxlanPort, 'Traffic of pods in VXLAN');
      }
    }
    // Load balancers and their health checks; their controller adds what they let in from outside.
    this.worker.addIngressRule(Peer.ipv4(config.network.vpcCidr), nodePorts, 'Node ports, from load balancers');

    for (const target of groups) {
      for (const cidr of config.access.sshCidrs)
        target.addIngressRule(Peer.ipv4(cidr), Port.tcp(22), 'SSH, by access.sshCidrs');
      // The cloud controller manager adds rules for load balancers to the one group of a node that has this tag.
      Tags.of(target).add(`kubernetes.io/cluster/${config.clusterName}`, 'owned');
    }
    for (const cidr of config.access.apiCidrs)
      this.controlPlane.addIngressRule(Peer.ipv4(cidr), apiPort, 'Kubernetes API, by access.apiCidrs');
  }
}
