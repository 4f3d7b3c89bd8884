/** An Auto Scaling group, its hooks and its members, as data. */
import type { Instance, LaunchTemplate } from '../ec2/instance.ts';

export type Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
export type ActionResult = 'CONTINUE' | 'ABANDON';

export interface LifecycleHook {
  readonly name: string;
  readonly transition: Transition;
  readonly heartbeatSeconds: number;
  readonly defaultResult: ActionResult;
  readonly metadata: string | undefined;
}

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

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly template: LaunchTemplate;
  readonly subnetIds: readonly string[];
  readonly hooks: LifecycleHook[];
  /** Tags that instances get. */
  readonly instanceTags: Readonly<Record<string, string>>;
  readonly tags: readonly { readonly Key: string; readonly Value: string; readonly PropagateAtLaunch: boolean }[];
  readonly healthCheckType: string;
  readonly members: Set<Member>;
  minimum: number;
  maximum: number;
  desired: number;
}

/** Members that count towards the desired capacity. */
export function activeMembers({ members }: Group): readonly Member[] {
  return [...members].filter(({ state }) => !state.startsWith('Terminating'));
}

/** The subnet with the fewest members: zones stay balanced. */
export function nextSubnet(group: Group): string {
  const active = activeMembers(group);
  const count = (id: string) => active.filter(({ instance }) => instance.subnet.subnetId === id).length;
  return [...group.subnetIds].sort((one, other) => count(one) - count(other))[0]!;
}

/** The default termination policy, as far as one launch template goes: from the fullest zone, the oldest. */
export function nextToTerminate(group: Group): Member | undefined {
  const active = activeMembers(group);
  const crowd = ({ instance }: Member) =>
    active.filter((other) => other.instance.subnet.availabilityZone === instance.subnet.availabilityZone).length;
  return [...active].sort(
    (one, other) =>
      crowd(other) - crowd(one) || one.instance.launchTime.getTime() - other.instance.launchTime.getTime(),
  )[0];
}
