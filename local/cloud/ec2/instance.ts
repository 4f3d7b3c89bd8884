/** EC2 instances and what they are launched from. */

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export type Tags = Readonly<Record<string, string>>;

export interface Instance {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnet: Subnet;
  readonly privateIp: string;
  readonly privateDnsName: string;
  readonly securityGroupIds: readonly string[];
  /** Name or ARN; undefined: the instance has no role. */
  readonly instanceProfile: string | undefined;
  readonly clientToken: string | undefined;
  /** Of the latest start. */
  launchTime: Date;
  readonly tags: Tags;
  state: InstanceState;
  /** PingStatus of the SSM agent; 'none' before the agent has registered. */
  agent: 'Online' | 'ConnectionLost' | 'none';
  agentVersion: string | undefined;
  /** Lifecycle state in the instance's Auto Scaling group; undefined: the instance belongs to none. */
  lifecycleState: string | undefined;
}

export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly tags: Tags;
}

export interface LaunchTemplate {
  readonly launchTemplateId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile: string | undefined;
  /** Tags that the template gives to instances. */
  readonly tags: Tags;
}

/** 10.0.1.10 is ip-10-0-1-10.ec2.internal in us-east-1; in other regions the domain has the region's name. */
export function privateDnsNameOf(privateIp: string, region: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${privateIp.replaceAll('.', '-')}.${domain}`;
}

/** The role that the template's tags give to an instance. */
export function roleOf({ tags }: Pick<Instance, 'tags'>): 'control-plane' | 'worker' {
  return tags['stepkube:role'] === 'control-plane' ? 'control-plane' : 'worker';
}

/** [{ Key, Value }] -> record */
export function tagRecord(tags: readonly { readonly Key: string; readonly Value: string }[]): Tags {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
