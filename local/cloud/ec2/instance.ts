/** One EC2 instance and the names of its states. */

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated';

export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
};

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
  readonly launchTime: Date;
  readonly tags: Readonly<Record<string, string>>;
  state: InstanceState;
  /** The SSM agent's connection. */
  agent: 'Online' | 'ConnectionLost' | 'none';
  agentVersion: string | undefined;
  /** Auto Scaling's state of an instance that belongs to a group. */
  lifecycleState: string | undefined;
}

export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LaunchTemplate {
  readonly launchTemplateId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile: string | undefined;
  /** Tags that the template gives to instances. */
  readonly tags: Readonly<Record<string, string>>;
}

/** 10.0.1.10 in us-east-1 -> ip-10-0-1-10.ec2.internal; other regions carry their name. */
export function privateDnsNameOf(privateIp: string, region: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${privateIp.replaceAll('.', '-')}.${domain}`;
}

/** [{Key, Value}] -> record */
export function tagRecord(tags: unknown): Record<string, string> {
  if (!Array.isArray(tags)) return {};
  return Object.fromEntries(tags.map(({ Key, Value }) => [String(Key), String(Value ?? '')]));
}
