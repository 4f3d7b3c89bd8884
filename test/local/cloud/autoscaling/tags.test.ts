import { describe, expect, it } from 'vitest';
import { createScalingCloud } from '#support/scaling-cloud.ts';

const tagOf = (Key: string) => ({ ResourceId: 'workers', ResourceType: 'auto-scaling-group', Key });

describe('tags of Auto Scaling groups', () => {
  it('DescribeAutoScalingGroups finds groups by keys and values of tags, all of which must match', async () => {
    await using workers = await createScalingCloud();
    const find = async (...Filters: object[]) => {
      const { AutoScalingGroups } = await workers.cloud.call('autoscaling', 'DescribeAutoScalingGroups', { Filters });
      return AutoScalingGroups.map(
        ({ AutoScalingGroupName }: { AutoScalingGroupName: string }) => AutoScalingGroupName,
      );
    };
    const named = { Name: 'tag-key', Values: ['Name'] };
    expect(await find(named)).toEqual(['workers']);
    expect(await find(named, { Name: 'tag-key', Values: ['absent'] })).toEqual([]);
    expect(await find({ Name: 'tag:Name', Values: ['worker'] })).toEqual(['workers']);
    expect(await find({ Name: 'tag-value', Values: ['other'] })).toEqual([]);
    await expect(find({ Name: 'name', Values: ['x'] })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('CreateOrUpdateTags replaces a tag of the same key, and DeleteTags takes it away', async () => {
    await using workers = await createScalingCloud();
    const tags = async () => (await workers.call('DescribeAutoScalingGroups')).AutoScalingGroups[0].Tags;
    for (const Value of ['one', 'two'])
      await workers.call('CreateOrUpdateTags', { Tags: [{ ...tagOf('team'), Value, PropagateAtLaunch: 'false' }] });
    expect(await tags()).toContainEqual({ ...tagOf('team'), Value: 'two', PropagateAtLaunch: false });
    await workers.call('DeleteTags', { Tags: [tagOf('team')] });
    expect(await tags()).toHaveLength(1);
  });
});
