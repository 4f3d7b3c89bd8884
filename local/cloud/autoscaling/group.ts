/** An Auto Scaling group, its lifecycle hooks and its members, as data. */
import type { Instance, LaunchTemplate } from '../ec2/instance.ts';

export type LifecycleTransition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
export type LifecycleActionResult = 'CONTINUE' | 'ABANDON';

export interface LifecycleHook {
  readonly name: string;
  readonly transition: LifecycleTransition;
  readonly heartbeatTimeoutSeconds: number;
  /** Taken when the heartbeat timeout elapses. */
  readonly defaultResult: LifecycleActionResult;
  readonly notificationMetadata: string | undefined;
}

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed';

export interface Member {
  readonly instance: Instance;
  state: LifecycleState;
}

export interface GroupTag {
  readonly Key: string;
  readonly Value: string;
  readonly PropagateAtLaunch: boolean;
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly template: LaunchTemplate;
  readonly subnetIds: readonly string[];
  readonly hooks: LifecycleHook[];
  /** Tags that the group's instances get. */
  readonly instanceTags: Readonly<Record<string, string>>;
  tags: readonly GroupTag[];
  readonly healthCheckType: string;
  readonly members: Set<Member>;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  /** Processes that rest. */
  readonly suspended: Set<ScalingProcess>;
}

/** The processes that the twin has. https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const scalingProcesses = ['Launch', 'Terminate'] as const;
export type ScalingProcess = (typeof scalingProcesses)[number];

/** Members that count towards the desired capacity. */
export function activeMembers({ members }: Group): readonly Member[] {
  return [...members].filter(({ state }) => !state.startsWith('Terminating'));
}

/** The subnet with the fewest members, so that availability zones stay balanced. */
export function nextSubnetId(group: Group): string {
  const active = activeMembers(group);
  const count = (id: string) => active.filter(({ instance }) => instance.subnet.subnetId === id).length;
  return [...group.subnetIds].sort((one, other) => count(one) - count(other))[0]!;
}

/** The default termination policy for a group with one launch template: the oldest instance of the fullest zone. */
export function nextToTerminate(group: Group): Member | undefined {
  const active = activeMembers(group);
  const zoneSize = ({ instance }: Member) =>
    active.filter((other) => other.instance.subnet.availabilityZone === instance.subnet.availabilityZone).length;
  return [...active].sort(
    (one, other) =>
      zoneSize(other) - zoneSize(one) || one.instance.launchTime.getTime() - other.instance.launchTime.getTime(),
  )[0];
}
