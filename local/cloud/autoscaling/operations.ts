import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { queryBoolean, queryList, queryNumber } from '../schema.ts';
import { ServiceError } from '../service-error.ts';
import { describeGroup, describeHook, describeMember, describeTermination } from './describe.ts';
import { type Group, type ScalingProcess, scalingProcesses } from './group.ts';
import type { GroupStore } from './group-store.ts';
import type { ActionReference } from './lifecycle-actions.ts';
import { filterGroups, groupFilters, tagOperations } from './tags.ts';

const groupInput = z.object({ AutoScalingGroupName: z.string() });
const describeGroupsInput = z.object({ AutoScalingGroupNames: queryList(z.string()), Filters: groupFilters });
const describeInstancesInput = z.object({ InstanceIds: queryList(z.string()) });
const describeHooksInput = groupInput.extend({ LifecycleHookNames: queryList(z.string()) });
const setDesiredCapacityInput = groupInput.extend({ DesiredCapacity: queryNumber });
const updateGroupInput = groupInput.extend({
  MinSize: queryNumber.optional(),
  MaxSize: queryNumber.optional(),
  DesiredCapacity: queryNumber.optional(),
});
const processesInput = groupInput.extend({ ScalingProcesses: queryList(z.enum(scalingProcesses)) });
const terminateInstanceInput = z.object({ InstanceId: z.string(), ShouldDecrementDesiredCapacity: queryBoolean });
const heartbeatInput = groupInput.extend({
  LifecycleHookName: z.string(),
  LifecycleActionToken: z.string().optional(),
  InstanceId: z.string().optional(),
});
const completeActionInput = heartbeatInput.extend({ LifecycleActionResult: z.enum(['CONTINUE', 'ABANDON']) });

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html */
export function autoScalingOperations(store: GroupStore): Readonly<Record<string, Operation>> {
  return {
    DescribeAutoScalingGroups: operation(describeGroupsInput, ({ AutoScalingGroupNames: names, Filters }) => {
      const groups = store.list().filter(({ name }) => names.length === 0 || names.includes(name));
      return { AutoScalingGroups: filterGroups(groups, Filters).map(describeGroup) };
    }),

    ...tagOperations(store),

    DescribeAutoScalingInstances: operation(describeInstancesInput, ({ InstanceIds: ids }) => {
      const all = store.list().flatMap((group) => [...group.members].map((member) => ({ group, member })));
      const selected = all.filter(({ member }) => ids.length === 0 || ids.includes(member.instance.instanceId));
      return {
        AutoScalingInstances: selected.map(({ group, member }) => ({
          ...describeMember(group, member),
          AutoScalingGroupName: group.name,
          HealthStatus: 'HEALTHY',
        })),
      };
    }),

    DescribeLifecycleHooks: operation(describeHooksInput, ({ AutoScalingGroupName, LifecycleHookNames: names }) => {
      const group = store.required(AutoScalingGroupName);
      const hooks = group.hooks.filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: hooks.map((hook) => describeHook(group, hook)) };
    }),

    SetDesiredCapacity: operation(setDesiredCapacityInput, ({ AutoScalingGroupName, DesiredCapacity }) => {
      const group = store.required(AutoScalingGroupName);
      resize(group, { desiredCapacity: DesiredCapacity });
      store.reconcile(group);
      return {};
    }),

    UpdateAutoScalingGroup: operation(updateGroupInput, (input) => {
      const group = store.required(input.AutoScalingGroupName);
      const { MinSize: minSize = group.minSize, MaxSize: maxSize = group.maxSize } = input;
      // Without a new desired capacity the old one is brought inside of the new bounds.
      const clamped = Math.min(Math.max(group.desiredCapacity, minSize), maxSize);
      resize(group, { minSize, maxSize, desiredCapacity: input.DesiredCapacity ?? clamped });
      store.reconcile(group);
      return {};
    }),

    SuspendProcesses: operation(processesInput, ({ AutoScalingGroupName, ScalingProcesses }) => {
      const { suspended } = store.required(AutoScalingGroupName);
      for (const name of processesOf(ScalingProcesses)) suspended.add(name);
      return {};
    }),

    ResumeProcesses: operation(processesInput, ({ AutoScalingGroupName, ScalingProcesses }) => {
      const group = store.required(AutoScalingGroupName);
      for (const name of processesOf(ScalingProcesses)) group.suspended.delete(name);
      store.reconcile(group);
      return {};
    }),

    TerminateInstanceInAutoScalingGroup: operation(terminateInstanceInput, (input) => {
      const found = store.memberOf(input.InstanceId);
      if (found === undefined) {
        const message = `Instance Id not found - No managed instance found for instance ID ${input.InstanceId}`;
        throw new ServiceError('ValidationError', message);
      }
      const { group, member } = found;
      if (input.ShouldDecrementDesiredCapacity) resize(group, { desiredCapacity: group.desiredCapacity - 1 });
      store.terminate(group, member);
      return { Activity: describeTermination(group, member.instance.instanceId) };
    }),

    CompleteLifecycleAction: operation(completeActionInput, (input) => {
      requireHook(store, input);
      store.actions.complete(input, input.LifecycleActionResult);
      return {};
    }),

    RecordLifecycleActionHeartbeat: operation(heartbeatInput, (input) => {
      requireHook(store, input);
      store.actions.recordHeartbeat(input);
      return {};
    }),
  };
}

/** No names stand for all processes. */
const processesOf = (names: readonly ScalingProcess[]) => (names.length === 0 ? scalingProcesses : names);

/** @throws ServiceError ValidationError */
function requireHook(store: GroupStore, { AutoScalingGroupName, LifecycleHookName }: ActionReference): void {
  const { hooks } = store.required(AutoScalingGroupName);
  if (hooks.some(({ name }) => name === LifecycleHookName)) return;
  throw new ServiceError('ValidationError', `No Lifecycle Hook found with name: ${LifecycleHookName}`);
}

/** @throws ServiceError ValidationError for a desired capacity outside of the bounds */
function resize(group: Group, sizes: Pick<Group, 'desiredCapacity'> & Partial<Pick<Group, 'minSize' | 'maxSize'>>) {
  const { minSize = group.minSize, maxSize = group.maxSize, desiredCapacity } = sizes;
  const problem =
    desiredCapacity < minSize
      ? `below min value ${minSize}`
      : desiredCapacity > maxSize
        ? `above max value ${maxSize}`
        : undefined;
  if (problem !== undefined) {
    const message = `New SetDesiredCapacity value ${desiredCapacity} is ${problem} for the AutoScalingGroup.`;
    throw new ServiceError('ValidationError', message);
  }
  Object.assign(group, { minSize, maxSize, desiredCapacity });
}
