import type { Instance } from '../ec2/instance.ts';
import type { InstanceStore } from '../ec2/instance-store.ts';
import type { LaunchResources } from '../ec2/launch-resources.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import {
  activeMembers,
  type Group,
  type LifecycleActionResult,
  type LifecycleState,
  type LifecycleTransition,
  type Member,
  nextSubnetId,
  nextToTerminate,
} from './group.ts';
import { launchSuccessful } from './launch-event.ts';
import { LifecycleActions } from './lifecycle-actions.ts';

/** Keeps every group at its desired capacity and takes each member through its lifecycle. */
export class GroupStore {
  readonly actions: LifecycleActions;
  readonly #core: CloudCore;
  readonly #instances: InstanceStore;
  readonly #launchResources: LaunchResources;
  readonly #groups = new Map<string, Group>();
  #stopped = false;

  constructor(core: CloudCore, instances: InstanceStore, launchResources: LaunchResources) {
    this.#core = core;
    this.actions = new LifecycleActions(core);
    this.#instances = instances;
    this.#launchResources = launchResources;
    instances.onChange((instance) => this.#replaceTerminated(instance));
  }

  add(group: Group): void {
    this.#groups.set(group.name, group);
  }

  list(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** @throws ServiceError ValidationError */
  required(name: string): Group {
    const group = this.#groups.get(name);
    if (group === undefined) throw new ServiceError('ValidationError', `AutoScalingGroup name not found - ${name}`);
    return group;
  }

  memberOf(instanceId: string): { readonly group: Group; readonly member: Member } | undefined {
    for (const group of this.#groups.values()) {
      const member = [...group.members].find(({ instance }) => instance.instanceId === instanceId);
      if (member !== undefined) return { group, member };
    }
    return undefined;
  }

  /** Launches or terminates instances until the group has its desired capacity. To be called after every change. */
  reconcile(group: Group): void {
    if (this.#stopped) return;
    // Counted anew for each instance: launching and terminating notify listeners, which may call this method again.
    const { suspended, desiredCapacity } = group;
    while (!suspended.has('Launch') && activeMembers(group).length < desiredCapacity) this.#launch(group);
    while (!suspended.has('Terminate') && activeMembers(group).length > desiredCapacity)
      this.terminate(group, nextToTerminate(group)!);
  }

  /** Takes a member through the terminate hooks and ends it. It is replaced if the desired capacity asks for that. */
  terminate(group: Group, member: Member): void {
    if (!member.state.startsWith('Terminating')) {
      this.#runInBackground(group, () => this.#takeOutOfService(group, member));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.actions.stop();
  }

  #launch(group: Group): void {
    const subnet = this.#launchResources.requiredSubnet(nextSubnetId(group));
    const instance = this.#instances.launch({ template: group.template, subnet, tags: group.instanceTags });
    const member: Member = { instance, state: 'Pending' };
    group.members.add(member);
    this.#setState(member, 'Pending');
    this.#runInBackground(group, () => this.#bringIntoService(group, member));
  }

  async #bringIntoService(group: Group, member: Member): Promise<void> {
    await this.#untilRunning(member.instance);
    if (member.state !== 'Pending') return;
    const result = await this.#passHooks(group, member, 'autoscaling:EC2_INSTANCE_LAUNCHING');
    if (member.state.startsWith('Terminating')) return;
    if (result === 'ABANDON') {
      this.#remove(group, member);
      return;
    }
    this.#setState(member, 'Pending:Proceed');
    this.#setState(member, 'InService');
    await this.#core.eventBus.publish(launchSuccessful(this.#core, group, member));
  }

  async #takeOutOfService(group: Group, member: Member): Promise<void> {
    this.#setState(member, 'Terminating');
    this.actions.abandon(member.instance.instanceId);
    // A replacement is launched at once. The result of the terminate hooks does not matter: the instance ends either way.
    this.reconcile(group);
    await this.#passHooks(group, member, 'autoscaling:EC2_INSTANCE_TERMINATING');
    this.#remove(group, member);
  }

  async #passHooks(group: Group, member: Member, transition: LifecycleTransition): Promise<LifecycleActionResult> {
    const hooks = group.hooks.filter((hook) => hook.transition === transition);
    if (hooks.length === 0) return 'CONTINUE';
    this.#setState(member, transition.endsWith('LAUNCHING') ? 'Pending:Wait' : 'Terminating:Wait');
    const results = await Promise.all(hooks.map((hook) => this.actions.start(group, hook, member.instance)));
    return results.includes('ABANDON') ? 'ABANDON' : 'CONTINUE';
  }

  #remove(group: Group, member: Member): void {
    this.#setState(member, 'Terminating:Proceed');
    group.members.delete(member);
    this.#instances.terminate(member.instance);
    member.instance.lifecycleState = undefined;
    this.#instances.notifyChanged(member.instance);
    this.reconcile(group);
  }

  /** The EC2 health check: an instance that was terminated outside of the group is replaced. */
  #replaceTerminated({ instanceId, state }: Instance): void {
    if (state !== 'shutting-down' && state !== 'terminated') return;
    const found = this.memberOf(instanceId);
    if (found !== undefined) this.terminate(found.group, found.member);
  }

  async #untilRunning(instance: Instance): Promise<void> {
    if (instance.state !== 'pending') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const removeListener = this.#instances.onChange((changed) => {
      if (changed === instance && changed.state !== 'pending') resolve();
    });
    await promise;
    removeListener();
  }

  #setState(member: Member, state: LifecycleState): void {
    member.state = state;
    member.instance.lifecycleState = state;
    this.#instances.notifyChanged(member.instance);
  }

  #runInBackground(group: Group, work: () => Promise<void>): void {
    work().catch((error: Error) => {
      if (!this.#stopped) this.#core.context.log('autoscaling', `${group.name}: ${error.stack}`);
    });
  }
}
