import { listOf } from '../ec2/describe.ts';
import { type Operation, ServiceError } from '../service.ts';
import type { Group, LifecycleHook, Member } from './group.ts';
import type { GroupStore } from './groups.ts';
import type { ActionReference } from './lifecycle-actions.ts';

/** Auto Scaling's query operations, as far as the project's code and people's tools call them. */
export function autoScalingOperations(store: GroupStore): Readonly<Record<string, Operation>> {
  return {
    DescribeAutoScalingGroups: async (input) => {
      const names = listOf<string>(input.AutoScalingGroupNames);
      const groups = store.list().filter(({ name }) => names.length === 0 || names.includes(name));
      return { AutoScalingGroups: groups.map(describeGroup) };
    },

    DescribeAutoScalingInstances: async (input) => {
      const ids = listOf<string>(input.InstanceIds);
      const all = store.list().flatMap((group) => [...group.members].map((member) => ({ group, member })));
      const wanted = all.filter(({ member }) => ids.length === 0 || ids.includes(member.instance.instanceId));
      return {
        AutoScalingInstances: wanted.map(({ group, member }) => ({
          ...describeMember(group, member),
          AutoScalingGroupName: group.name,
          HealthStatus: 'HEALTHY',
        })),
      };
    },

    DescribeLifecycleHooks: async (input) => {
      const names = listOf<string>(input.LifecycleHookNames);
      const group = store.required(input.AutoScalingGroupName);
      const hooks = group.hooks.filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: hooks.map((hook) => describeHook(group, hook)) };
    },

    SetDesiredCapacity: async (input) => {
      const group = store.required(input.AutoScalingGroupName);
      changeSize(group, { desired: Number(input.DesiredCapacity) });
      store.reconcile(group);
      return {};
    },

    UpdateAutoScalingGroup: async (input) => {
      const group = store.required(input.AutoScalingGroupName);
      const minimum = Number(input.MinSize ?? group.minimum);
      const maximum = Number(input.MaxSize ?? group.maximum);
      // A size outside the new bounds follows them, unless it is given too.
      const desired = Number(input.DesiredCapacity ?? Math.min(Math.max(group.desired, minimum), maximum));
      changeSize(group, { minimum, maximum, desired });
      store.reconcile(group);
      return {};
    },

    TerminateInstanceInAutoScalingGroup: async (input) => {
      const found = store.memberOf(input.InstanceId);
      if (found === undefined) {
        throw new ServiceError(
          'ValidationError',
          `Instance Id not found - No managed instance found for instance ID ${input.InstanceId}`,
        );
      }
      const { group, member } = found;
      if (input.ShouldDecrementDesiredCapacity === 'true') changeSize(group, { desired: group.desired - 1 });
      store.terminate(group, member);
      return {
        Activity: {
          ActivityId: member.instance.instanceId,
          AutoScalingGroupName: group.name,
          Description: `Terminating EC2 instance: ${member.instance.instanceId}`,
          Cause: 'instance was taken out of service in response to a user request.',
          StartTime: new Date().toISOString(),
          StatusCode: 'InProgress',
          Progress: 0,
        },
      };
    },

    CompleteLifecycleAction: async (input) => {
      requireHook(store, input);
      const result = input.LifecycleActionResult;
      if (result !== 'CONTINUE' && result !== 'ABANDON') {
        throw new ServiceError(
          'ValidationError',
          `Lifecycle action result ${result} is invalid. Use CONTINUE or ABANDON.`,
        );
      }
      store.actions.complete(input, result);
      return {};
    },

    RecordLifecycleActionHeartbeat: async (input) => {
      requireHook(store, input);
      store.actions.beat(input);
      return {};
    },
  };
}

function requireHook(store: GroupStore, { AutoScalingGroupName, LifecycleHookName }: ActionReference): void {
  const { hooks } = store.required(AutoScalingGroupName);
  if (hooks.some(({ name }) => name === LifecycleHookName)) return;
  throw new ServiceError('ValidationError', `No Lifecycle Hook found with name: ${LifecycleHookName}`);
}

function changeSize(group: Group, sizes: { minimum?: number; maximum?: number; desired: number }): void {
  const { minimum = group.minimum, maximum = group.maximum, desired } = sizes;
  if (!(desired >= minimum)) {
    const message = `New SetDesiredCapacity value ${desired} is below min value ${minimum} for the AutoScalingGroup.`;
    throw new ServiceError('ValidationError', message);
  }
  if (!(desired <= maximum)) {
    const message = `New SetDesiredCapacity value ${desired} is above max value ${maximum} for the AutoScalingGroup.`;
    throw new ServiceError('ValidationError', message);
  }
  Object.assign(group, { minimum, maximum, desired });
}

function describeGroup(group: Group): object {
  const members = [...group.members];
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: templateOf(group),
    MinSize: group.minimum,
    MaxSize: group.maximum,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(members.map(({ instance }) => instance.subnet.availabilityZone))],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: 0,
    Instances: members.map((member) => ({ ...describeMember(group, member), HealthStatus: 'Healthy' })),
    CreatedTime: group.createdAt.toISOString(),
    VPCZoneIdentifier: group.subnetIds.join(','),
    Tags: group.tags.map((tag) => ({ ...tag, ResourceId: group.name, ResourceType: 'auto-scaling-group' })),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
  };
}

function describeMember(group: Group, { instance, state }: Member): object {
  return {
    InstanceId: instance.instanceId,
    InstanceType: instance.instanceType,
    AvailabilityZone: instance.subnet.availabilityZone,
    LifecycleState: state,
    LaunchTemplate: templateOf(group),
    ProtectedFromScaleIn: false,
  };
}

function describeHook(group: Group, hook: LifecycleHook): object {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: group.name,
    LifecycleTransition: hook.transition,
    ...(hook.metadata === undefined ? {} : { NotificationMetadata: hook.metadata }),
    HeartbeatTimeout: hook.heartbeatSeconds,
    GlobalTimeout: Math.min(hook.heartbeatSeconds * 100, 172_800),
    DefaultResult: hook.defaultResult,
  };
}

function templateOf({ template }: Group): object {
  return { LaunchTemplateId: template.launchTemplateId, Version: '1' };
}
