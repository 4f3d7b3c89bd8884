/** Auto Scaling groups, with the calls that the real autoscaler makes: each needs its permission. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  paginateDescribeAutoScalingGroups,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstanceTypesCommand, DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';

export interface NodeGroup {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  /** Without those that are ending. */
  readonly instanceIds: ReadonlySet<string>;
  readonly instanceType: InstanceType;
}

export interface InstanceType {
  readonly name: string;
  readonly cpu: number;
  readonly memoryMebibytes: number;
}

export class NodeGroups {
  readonly #autoScaling = new AutoScalingClient({});
  readonly #ec2 = new EC2Client({});
  /** By launch template. */
  readonly #instanceTypes = new Map<string, InstanceType>();

  /** The groups that have all of the tags. */
  async discover(tags: readonly string[]): Promise<readonly NodeGroup[]> {
    const Filters = tags.map((tag) => ({ Name: 'tag-key', Values: [tag] }));
    const groups: AutoScalingGroup[] = [];
    for await (const page of paginateDescribeAutoScalingGroups({ client: this.#autoScaling }, { Filters }))
      groups.push(...(page.AutoScalingGroups ?? []));
    return Promise.all(groups.map((group) => this.#nodeGroup(group)));
  }

  async setSize({ name }: NodeGroup, size: number): Promise<void> {
    const capacity = { AutoScalingGroupName: name, DesiredCapacity: size, HonorCooldown: false };
    await this.#autoScaling.send(new SetDesiredCapacityCommand(capacity));
  }

  /** The group gets smaller by the instance. */
  async terminate(instanceId: string): Promise<void> {
    const instance = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: true };
    await this.#autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(instance));
  }

  async #nodeGroup(group: AutoScalingGroup): Promise<NodeGroup> {
    const members = (group.Instances ?? []).filter(({ LifecycleState }) => !LifecycleState?.startsWith('Terminating'));
    return {
      name: group.AutoScalingGroupName!,
      minimum: group.MinSize!,
      maximum: group.MaxSize!,
      desired: group.DesiredCapacity!,
      instanceIds: new Set(members.map(({ InstanceId }) => InstanceId!)),
      instanceType: await this.#instanceType(group.LaunchTemplate!),
    };
  }

  async #instanceType({ LaunchTemplateId, Version }: NonNullable<AutoScalingGroup['LaunchTemplate']>) {
    const key = `${LaunchTemplateId} ${Version}`;
    const known = this.#instanceTypes.get(key);
    if (known) return known;
    const version = { LaunchTemplateId, Versions: [Version!] };
    const { LaunchTemplateVersions: [found] = [] } = await this.#ec2.send(
      new DescribeLaunchTemplateVersionsCommand(version),
    );
    const name = found!.LaunchTemplateData!.InstanceType!;
    const { InstanceTypes: [details] = [] } = await this.#ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: [name] }),
    );
    const type = { name, cpu: details!.VCpuInfo!.DefaultVCpus!, memoryMebibytes: details!.MemoryInfo!.SizeInMiB! };
    this.#instanceTypes.set(key, type);
    return type;
  }
}
