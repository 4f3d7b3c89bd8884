/** AWS::AutoScaling::AutoScalingGroup and AWS::AutoScaling::LifecycleHook. */
import { tagRecord } from '../ec2/instance.ts';
import { instanceStoreOf } from '../ec2/instances.ts';
import { physicalName } from '../physical-name.ts';
import type { CloudCore, ResourceProvider, TemplateResource } from '../service.ts';
import type { LifecycleHook } from './group.ts';
import type { GroupStore } from './groups.ts';

const defaultHeartbeatSeconds = 3600;

export function autoScalingProviders(core: CloudCore, store: GroupStore): readonly ResourceProvider[] {
  return [
    { type: 'AWS::AutoScaling::AutoScalingGroup', create: (resource) => createGroup(core, store, resource) },
    { type: 'AWS::AutoScaling::LifecycleHook', create: (resource) => createHook(core, store, resource) },
  ];
}

function createGroup(core: CloudCore, store: GroupStore, { logicalId, properties }: TemplateResource) {
  const name: string = properties.AutoScalingGroupName ?? physicalName(core.options.stackName, logicalId);
  const tags = properties.Tags ?? [];
  const propagated = tags.filter(({ PropagateAtLaunch }: { PropagateAtLaunch: unknown }) => isTrue(PropagateAtLaunch));
  const minimum = Number(properties.MinSize);
  store.add({
    name,
    arn: `arn:aws:autoscaling:${core.region}:${core.accountId}:autoScalingGroup:twin:autoScalingGroupName/${name}`,
    createdAt: new Date(),
    template: instanceStoreOf(core).requiredTemplate(properties.LaunchTemplate.LaunchTemplateId),
    subnetIds: properties.VPCZoneIdentifier,
    hooks: (properties.LifecycleHookSpecificationList ?? []).map(hookOf),
    instanceTags: { ...tagRecord(propagated), 'aws:autoscaling:groupName': name },
    tags: tags.map((tag: { PropagateAtLaunch: unknown }) => ({
      ...tag,
      PropagateAtLaunch: isTrue(tag.PropagateAtLaunch),
    })),
    healthCheckType: properties.HealthCheckType ?? 'EC2',
    members: new Set(),
    minimum,
    maximum: Number(properties.MaxSize),
    desired: Number(properties.DesiredCapacity ?? minimum),
  });
  return { ref: name };
}

function createHook(core: CloudCore, store: GroupStore, { logicalId, properties }: TemplateResource) {
  const name: string = properties.LifecycleHookName ?? physicalName(core.options.stackName, logicalId);
  store.required(properties.AutoScalingGroupName).hooks.push(hookOf({ ...properties, LifecycleHookName: name }));
  return { ref: name };
}

function hookOf(properties: TemplateResource['properties']): LifecycleHook {
  return {
    name: properties.LifecycleHookName,
    transition: properties.LifecycleTransition,
    heartbeatSeconds: Number(properties.HeartbeatTimeout ?? defaultHeartbeatSeconds),
    defaultResult: properties.DefaultResult ?? 'ABANDON',
    metadata: properties.NotificationMetadata,
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
