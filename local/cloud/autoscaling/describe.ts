/** The structures of Auto Scaling's responses. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Types.html */
import type { Group, LifecycleHook, Member } from './group.ts';

const maxGlobalTimeoutSeconds = 172_800;

export function describeGroup(group: Group): object {
  const members = [...group.members];
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: describeLaunchTemplate(group),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredCapacity,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(members.map(({ instance }) => instance.subnet.availabilityZone))],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: 0,
    Instances: members.map((member) => ({ ...describeMember(group, member), HealthStatus: 'Healthy' })),
    CreatedTime: group.createdAt.toISOString(),
    VPCZoneIdentifier: group.subnetIds.join(','),
    Tags: group.tags.map((tag) => ({ ...tag, ResourceId: group.name, ResourceType: 'auto-scaling-group' })),
    SuspendedProcesses: [...group.suspended].map((ProcessName) => ({
      ProcessName,
      SuspensionReason: 'User suspended',
    })),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
  };
}

export function describeMember(group: Group, { instance, state }: Member): object {
  return {
    InstanceId: instance.instanceId,
    InstanceType: instance.instanceType,
    AvailabilityZone: instance.subnet.availabilityZone,
    LifecycleState: state,
    LaunchTemplate: describeLaunchTemplate(group),
    ProtectedFromScaleIn: false,
  };
}

export function describeHook(group: Group, hook: LifecycleHook): object {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: group.name,
    LifecycleTransition: hook.transition,
    ...(hook.notificationMetadata === undefined ? {} : { NotificationMetadata: hook.notificationMetadata }),
    HeartbeatTimeout: hook.heartbeatTimeoutSeconds,
    GlobalTimeout: Math.min(hook.heartbeatTimeoutSeconds * 100, maxGlobalTimeoutSeconds),
    DefaultResult: hook.defaultResult,
  };
}

/** The activity of TerminateInstanceInAutoScalingGroup. */
export function describeTermination(group: Group, instanceId: string): object {
  return {
    ActivityId: instanceId,
    AutoScalingGroupName: group.name,
    Description: `Terminating EC2 instance: ${instanceId}`,
    Cause: 'instance was taken out of service in response to a user request.',
    StartTime: new Date().toISOString(),
    StatusCode: 'InProgress',
    Progress: 0,
  };
}

function describeLaunchTemplate({ template }: Group): object {
  return { LaunchTemplateId: template.launchTemplateId, Version: '1' };
}
