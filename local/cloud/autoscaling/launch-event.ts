/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
import { randomUUID } from 'node:crypto';
import { arnOf } from '../arns.ts';
import type { CloudCore } from '../service.ts';
import type { Group, Member } from './group.ts';

/** An instance has entered service. */
export function launchSuccessful(core: CloudCore, group: Group, { instance }: Member) {
  const { instanceId, subnet, launchTime } = instance;
  const activity = randomUUID();
  return {
    source: 'aws.autoscaling' as const,
    detailType: 'EC2 Instance Launch Successful',
    resources: [group.arn, arnOf(core, 'ec2', `instance/${instanceId}`)],
    detail: {
      StatusCode: 'InProgress',
      Description: `Launching a new EC2 instance: ${instanceId}`,
      AutoScalingGroupName: group.name,
      ActivityId: activity,
      Details: { 'Availability Zone': subnet.availabilityZone, 'Subnet ID': subnet.subnetId },
      RequestId: activity,
      StatusMessage: '',
      EndTime: new Date().toISOString(),
      EC2InstanceId: instanceId,
      StartTime: launchTime.toISOString(),
      Cause: 'an instance was started in response to a difference between desired and actual capacity',
    },
  };
}
