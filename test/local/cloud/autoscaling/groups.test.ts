import { describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createScalingCloud, type Member } from '#support/scaling-cloud.ts';

const zonesOf = (members: readonly Member[]) => members.map(({ AvailabilityZone }) => AvailabilityZone).sort();

describe('Auto Scaling groups', () => {
  it('a group starts at its minimum size and follows its desired capacity, spread over the zones', async () => {
    await using workers = await createScalingCloud({ group: { MinSize: '1' } });
    await workers.reach('InService');
    await workers.scaleTo(4);
    const four = await workers.reach('InService', 'InService', 'InService', 'InService');
    expect(zonesOf(four)).toEqual(['eu-west-1a', 'eu-west-1a', 'eu-west-1b', 'eu-west-1b']);
    const { booted, terminated } = workers.instances;
    expect(booted[0]?.tags).toMatchObject({ Name: 'worker', 'aws:autoscaling:groupName': 'workers' });
    const served = workers
      .eventsOf('aws.autoscaling')
      .map(({ 'detail-type': type, detail }) => [type, detail['EC2InstanceId']]);
    expect(served).toHaveLength(4);
    for (const { InstanceId } of four) expect(served).toContainEqual(['EC2 Instance Launch Successful', InstanceId]);
    await workers.scaleTo(2);
    const two = await workers.reach('InService', 'InService');
    expect(zonesOf(two)).toEqual(['eu-west-1a', 'eu-west-1b']);
    await eventually(() => expect(terminated).toHaveLength(2));
  });

  it('a group replaces an instance that was terminated outside of it', async () => {
    await using workers = await createScalingCloud();
    await workers.scaleTo(1);
    const [lost] = await workers.reach('InService');
    await workers.cloud.call('ec2', 'TerminateInstances', { InstanceId: [lost!.InstanceId] });
    await eventually(async () => {
      const [replacement] = await workers.reach('InService');
      expect(replacement?.InstanceId).not.toBe(lost?.InstanceId);
    });
  });

  it('TerminateInstanceInAutoScalingGroup replaces the instance or decrements the desired capacity', async () => {
    await using workers = await createScalingCloud();
    await workers.scaleTo(2);
    const [first, second] = await workers.reach('InService', 'InService');
    const terminate = (InstanceId: string, decrement: boolean) =>
      workers.call('TerminateInstanceInAutoScalingGroup', {
        InstanceId,
        ShouldDecrementDesiredCapacity: String(decrement),
      });
    await terminate(first!.InstanceId, true);
    expect(await workers.reach('InService')).toMatchObject([{ InstanceId: second!.InstanceId }]);
    await terminate(second!.InstanceId, false);
    await eventually(async () => {
      const [replacement] = await workers.reach('InService');
      expect(replacement?.InstanceId).not.toBe(second?.InstanceId);
    });
    await expect(terminate('i-0', true)).rejects.toMatchObject({ code: 'ValidationError', message: /i-0/ });
  });

  it('a desired capacity outside of the group size is refused', async () => {
    await using workers = await createScalingCloud();
    await expect(workers.scaleTo(5)).rejects.toMatchObject({ code: 'ValidationError', message: /above max value 4/ });
    await workers.call('UpdateAutoScalingGroup', { MinSize: '1', MaxSize: '2' });
    await workers.reach('InService');
    await expect(workers.scaleTo(0)).rejects.toMatchObject({ code: 'ValidationError', message: /below min value 1/ });
    const input = { AutoScalingGroupName: 'absent', DesiredCapacity: '1' };
    await expect(workers.call('SetDesiredCapacity', input)).rejects.toMatchObject({
      code: 'ValidationError',
      message: /name not found - absent/,
    });
  });
});
