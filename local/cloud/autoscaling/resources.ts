/** AWS::AutoScaling::AutoScalingGroup and AWS::AutoScaling::LifecycleHook. */
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { tagRecord } from '../ec2/instance.ts';
import { type LaunchResources, templateReference } from '../ec2/launch-resources.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider, templateBoolean, templateNumber } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import type { LifecycleHook } from './group.ts';
import type { GroupStore } from './group-store.ts';

const hookProperties = z.object({
  LifecycleTransition: z.enum(['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING']),
  HeartbeatTimeout: templateNumber.default(3600),
  DefaultResult: z.enum(['CONTINUE', 'ABANDON']).default('ABANDON'),
  NotificationMetadata: z.string().optional(),
});
const ownHookProperties = hookProperties.extend({
  LifecycleHookName: z.string().optional(),
  AutoScalingGroupName: z.string(),
});
const groupProperties = z.object({
  AutoScalingGroupName: z.string().optional(),
  MinSize: templateNumber,
  MaxSize: templateNumber,
  DesiredCapacity: templateNumber.optional(),
  LaunchTemplate: templateReference,
  VPCZoneIdentifier: z.array(z.string()),
  LifecycleHookSpecificationList: z.array(hookProperties.extend({ LifecycleHookName: z.string() })).default([]),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string(), PropagateAtLaunch: templateBoolean })).default([]),
  HealthCheckType: z.string().default('EC2'),
});

export function autoScalingProviders(
  core: CloudCore,
  store: GroupStore,
  launchResources: LaunchResources,
): readonly ResourceProvider[] {
  const { stackName } = core.options;
  return [
    provider('AWS::AutoScaling::AutoScalingGroup', groupProperties, ({ logicalId, properties }) => {
      const name = properties.AutoScalingGroupName ?? physicalName(stackName, logicalId);
      const propagatedTags = properties.Tags.filter(({ PropagateAtLaunch }) => PropagateAtLaunch);
      store.add({
        name,
        arn: arnOf(core, 'autoscaling', `autoScalingGroup:twin:autoScalingGroupName/${name}`),
        createdAt: new Date(),
        template: launchResources.requiredTemplate(properties.LaunchTemplate),
        subnetIds: properties.VPCZoneIdentifier,
        hooks: properties.LifecycleHookSpecificationList.map((hook) => hookOf(hook.LifecycleHookName, hook)),
        instanceTags: { ...tagRecord(propagatedTags), 'aws:autoscaling:groupName': name },
        tags: properties.Tags,
        healthCheckType: properties.HealthCheckType,
        members: new Set(),
        suspended: new Set(),
        minSize: properties.MinSize,
        maxSize: properties.MaxSize,
        desiredCapacity: properties.DesiredCapacity ?? properties.MinSize,
      });
      return { ref: name };
    }),

    provider('AWS::AutoScaling::LifecycleHook', ownHookProperties, ({ logicalId, properties }) => {
      const name = properties.LifecycleHookName ?? physicalName(stackName, logicalId);
      store.required(properties.AutoScalingGroupName).hooks.push(hookOf(name, properties));
      return { ref: name };
    }),
  ];
}

function hookOf(name: string, properties: z.output<typeof hookProperties>): LifecycleHook {
  return {
    name,
    transition: properties.LifecycleTransition,
    heartbeatTimeoutSeconds: properties.HeartbeatTimeout,
    defaultResult: properties.DefaultResult,
    notificationMetadata: properties.NotificationMetadata,
  };
}
