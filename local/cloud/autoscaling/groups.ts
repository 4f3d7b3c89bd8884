import type { Instance } from '../ec2/instance.ts';
import { type InstanceStore, instanceStoreOf } from '../ec2/instances.ts';
import { type CloudCore, ServiceError } from '../service.ts';
import {
  activeMembers,
  type Group,
  type LifecycleState,
  type Member,
  nextSubnet,
  nextToTerminate,
  type Transition,
} from './group.ts';
import { LifecycleActions } from './lifecycle-actions.ts';

/** Keeps every group at its desired capacity, and leads each member through its lifecycle. */
export class GroupStore {
  readonly actions: LifecycleActions;
  readonly #core: CloudCore;
  readonly #instances: InstanceStore;
  readonly #groups = new Map<string, Group>();
  #stopped = false;

  constructor(core: CloudCore) {
    this.#core = core;
    this.actions = new LifecycleActions(core);
    this.#instances = instanceStoreOf(core);
    this.#instances.onChange((instance) => this.#noticeLoss(instance));
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

  /** Launches or terminates until the group has its desired number. Called after every change. */
  reconcile(group: Group): void {
    if (this.#stopped) return;
    // Counted anew each time: a launch or termination may have called this again.
    while (activeMembers(group).length < group.desired) this.#launch(group);
    while (activeMembers(group).length > group.desired) this.terminate(group, nextToTerminate(group)!);
  }

  /** Through the terminate hooks, then gone; whether it is replaced is up to the desired capacity. */
  terminate(group: Group, member: Member): void {
    if (!member.state.startsWith('Terminating')) this.#run(group, () => this.#leave(group, member));
  }

  stop(): void {
    this.#stopped = true;
    this.actions.stop();
  }

  #launch(group: Group): void {
    const subnet = this.#instances.requiredSubnet(nextSubnet(group));
    const instance = this.#instances.launch({ template: group.template, subnet, tags: group.instanceTags });
    const member: Member = { instance, state: 'Pending' };
    group.members.add(member);
    this.#enter(member, 'Pending');
    this.#run(group, () => this.#join(group, member));
  }

  async #join(group: Group, member: Member): Promise<void> {
    await this.#untilRunning(member.instance);
    if (member.state !== 'Pending') return;
    const result = await this.#passHooks(group, member, 'autoscaling:EC2_INSTANCE_LAUNCHING');
    if (member.state.startsWith('Terminating')) return;
    if (result === 'ABANDON') {
      await this.#remove(group, member);
      return;
    }
    this.#enter(member, 'Pending:Proceed');
    this.#enter(member, 'InService');
  }

  async #leave(group: Group, member: Member): Promise<void> {
    this.#enter(member, 'Terminating');
    this.actions.forget(member.instance.instanceId);
    // Whether completed, abandoned or timed out: the instance ends. The replacement need not wait for it.
    this.reconcile(group);
    await this.#passHooks(group, member, 'autoscaling:EC2_INSTANCE_TERMINATING');
    this.#enter(member, 'Terminating:Proceed');
    await this.#remove(group, member);
  }

  async #passHooks(group: Group, member: Member, transition: Transition): Promise<'CONTINUE' | 'ABANDON'> {
    const hooks = group.hooks.filter((hook) => hook.transition === transition);
    if (hooks.length === 0) return 'CONTINUE';
    this.#enter(member, transition.endsWith('LAUNCHING') ? 'Pending:Wait' : 'Terminating:Wait');
    const results = await Promise.all(hooks.map((hook) => this.actions.wait(group, hook, member.instance)));
    return results.includes('ABANDON') ? 'ABANDON' : 'CONTINUE';
  }

  async #remove(group: Group, member: Member): Promise<void> {
    this.#enter(member, 'Terminating:Proceed');
    group.members.delete(member);
    await this.#instances.terminate(member.instance);
    member.instance.lifecycleState = undefined;
    this.#instances.changed(member.instance);
    this.reconcile(group);
  }

  /** The group's health check: an instance that somebody else terminated is replaced. */
  #noticeLoss({ instanceId, state }: Instance): void {
    if (state !== 'shutting-down' && state !== 'terminated') return;
    const found = this.memberOf(instanceId);
    if (found !== undefined) this.terminate(found.group, found.member);
  }

  async #untilRunning(instance: Instance): Promise<void> {
    if (instance.state !== 'pending') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopListening = this.#instances.onChange((changed) => {
      if (changed === instance && changed.state !== 'pending') resolve();
    });
    await promise;
    stopListening();
  }

  #enter(member: Member, state: LifecycleState): void {
    member.state = state;
    member.instance.lifecycleState = state;
    this.#instances.changed(member.instance);
  }

  #run(group: Group, work: () => Promise<void>): void {
    work().catch((error: Error) => {
      if (!this.#stopped) this.#core.context.log('autoscaling', `${group.name}: ${error.stack}`);
    });
  }
}
