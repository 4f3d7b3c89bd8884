import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';

export interface NetworkProps {
  readonly config: ClusterConfig;
}

/**
 * Two availability zones, each with a public subnet for nodes and load balancers, and an isolated one for the functions
 * that call the Kubernetes API. There is no NAT gateway: from an isolated subnet AWS is reached by VPC endpoints only.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** For functions in the isolated subnets: they reach the Kubernetes API and HTTPS inside the VPC, nothing else. */
  readonly lambdaSecurityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { config }: NetworkProps) {
    super(scope, id);
    const inside = Peer.ipv4(config.network.vpcCidr);

    const vpc = new Vpc(this, 'Vpc', {
      vpcName: config.clusterName,
      ipAddresses: IpAddresses.cidr(config.network.vpcCidr),
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false, // CDK empties that group by a custom resource; nothing here uses it
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: true },
        { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
    });
    this.vpc = vpc as IVpc; // its optional properties are declared in a way that is too loose for exactOptionalPropertyTypes
    // The cloud controller manager finds the network of the cluster, and the subnets for load balancers, by these tags.
    Tags.of(this.vpc).add(`kubernetes.io/cluster/${config.clusterName}`, 'owned');
    for (const subnet of this.vpc.publicSubnets) Tags.of(subnet).add('kubernetes.io/role/elb', '1');

    this.vpc.addFlowLog('RejectedTraffic', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RejectedTrafficLog', {
          logGroupName: `/${config.clusterName}/rejected-traffic`,
          retention: config.retention.logsDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });

    this.lambdaSecurityGroup = new SecurityGroup(this, 'LambdaSecurityGroup', {
      vpc: this.vpc,
      description: 'Lambda functions that speak to the Kubernetes API',
      allowAllOutbound: false,
    });
    this.lambdaSecurityGroup.addEgressRule(inside, Port.tcp(6443), 'Kubernetes API');
    this.lambdaSecurityGroup.addEgressRule(inside, Port.tcp(443), 'Interface endpoints');

    // Free of charge, and the nodes' S3 traffic stays inside AWS.
    this.vpc.addGatewayEndpoint('S3Endpoint', { service: GatewayVpcEndpointAwsService.S3 });
    const endpointSecurityGroup = new SecurityGroup(this, 'EndpointSecurityGroup', {
      vpc: this.vpc,
      description: 'Interface endpoints: HTTPS from inside the VPC',
      allowAllOutbound: false,
    });
    endpointSecurityGroup.addIngressRule(inside, Port.tcp(443), 'HTTPS inside the VPC');
    this.vpc.addInterfaceEndpoint('SecretsManagerEndpoint', {
      service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      subnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [endpointSecurityGroup],
      open: false,
    });
  }
}
