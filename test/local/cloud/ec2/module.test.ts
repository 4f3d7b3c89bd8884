import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEc2Cloud, type Ec2Cloud } from '#support/ec2-cloud.ts';
import { eventually } from '#support/eventually.ts';

let ec2: Ec2Cloud;

beforeEach(async () => {
  ec2 = await createEc2Cloud({ role: 'control-plane' });
});

afterEach(() => ec2[Symbol.asyncDispose]());

const call = (operation: string, input: object) => ec2.cloud.call('ec2', operation, input);

function run(more: object = {}) {
  return call('RunInstances', {
    LaunchTemplate: { LaunchTemplateId: ec2.resources.launchTemplateId, Version: '$Latest' },
    SubnetId: ec2.resources.subnetIds[0],
    MinCount: '1',
    MaxCount: '1',
    ...more,
  });
}

async function describeInstances(input: object = {}) {
  const { reservationSet } = await call('DescribeInstances', input);
  return reservationSet.flatMap(({ instancesSet }: { instancesSet: object[] }) => instancesSet);
}

async function running(instanceId: string) {
  return eventually(async () => {
    const [instance] = await describeInstances({ InstanceId: [instanceId] });
    expect(instance.instanceState.name).toBe('running');
    return instance;
  });
}

describe('launch templates and instance types', () => {
  it('DescribeLaunchTemplateVersions tells the instance type, and DescribeInstanceTypes what the type has', async () => {
    const { launchTemplateVersionSet } = await call('DescribeLaunchTemplateVersions', {
      LaunchTemplateId: ec2.resources.launchTemplateId,
      LaunchTemplateVersion: ['$Latest'],
    });
    const { instanceType } = launchTemplateVersionSet[0].launchTemplateData;
    const { instanceTypeSet } = await call('DescribeInstanceTypes', { InstanceType: [instanceType] });
    expect(instanceTypeSet).toEqual([
      { instanceType: 't3.medium', vCpuInfo: { defaultVCpus: 2 }, memoryInfo: { sizeInMiB: 4096 } },
    ]);
  });
});

describe('dry runs and versions', () => {
  it('a launch template has the versions 1, $Default and $Latest: others are not found', async () => {
    const LaunchTemplate = { LaunchTemplateId: ec2.resources.launchTemplateId, Version: '7' };
    await expect(run({ LaunchTemplate })).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.VersionNotFound' });
    await expect(run({ LaunchTemplate: { ...LaunchTemplate, Version: '1' } })).resolves.toBeDefined();
  });

  it('a dry run says that the request would have succeeded, and changes nothing', async () => {
    const dryRun = { code: 'DryRunOperation', status: 412 };
    await expect(run({ DryRun: 'true' })).rejects.toMatchObject(dryRun);
    expect(await describeInstances()).toEqual([]);
    const [{ instanceId }] = (await run()).instancesSet;
    const input = { InstanceId: [instanceId], DryRun: 'true' };
    await expect(call('TerminateInstances', input)).rejects.toMatchObject(dryRun);
    await expect(call('DescribeInstances', input)).rejects.toMatchObject(dryRun);
    await running(instanceId);
  });
});

describe('RunInstances', () => {
  it('RunInstances launches from the launch template: type, image, profile, merged tags and names', async () => {
    const reservation = await run({
      TagSpecification: [{ ResourceType: 'instance', Tag: [{ Key: 'Name', Value: 'mine' }] }],
    });
    const [instance] = reservation.instancesSet;
    expect(instance).toMatchObject({
      instanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
      instanceState: { code: 0, name: 'pending' },
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.medium',
      privateIpAddress: expect.stringMatching(/^127\.\d+\.0\.10$/),
      placement: { availabilityZone: 'eu-west-1a' },
      groupSet: [{ groupId: 'sg-1' }],
    });
    expect(instance.privateDnsName).toBe(
      `ip-${instance.privateIpAddress.replaceAll('.', '-')}.eu-west-1.compute.internal`,
    );
    expect(instance.tagSet).toEqual([
      { key: 'stepkube:role', value: 'control-plane' },
      { key: 'kubernetes.io/cluster/test', value: 'owned' },
      { key: 'Name', value: 'mine' },
    ]);
    await running(instance.instanceId);
    const { booted } = ec2.instances;
    expect(booted).toMatchObject([{ role: 'control-plane', privateIp: instance.privateIpAddress }]);
    expect(booted[0]?.credentials()).toMatchObject({ sessionToken: instance.instanceId });
  });

  it('RunInstances returns the instance of the first call for a repeated client token', async () => {
    const first = await run({ ClientToken: 'one' });
    const again = await run({ ClientToken: 'one' });
    expect(again.instancesSet[0].instanceId).toBe(first.instancesSet[0].instanceId);
    await expect(run({ ClientToken: 'one', InstanceType: 't3.large' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
    await call('TerminateInstances', { InstanceId: [first.instancesSet[0].instanceId] });
    await eventually(() =>
      expect(run({ ClientToken: 'one' })).rejects.toMatchObject({ code: 'IdempotentInstanceTerminated' }),
    );
  });

  it.each([
    [{ SubnetId: 'subnet-absent' }, 'InvalidSubnetID.NotFound'],
    [{ LaunchTemplate: { LaunchTemplateId: 'lt-absent' } }, 'InvalidLaunchTemplateId.NotFound'],
    [{ LaunchTemplate: undefined }, 'MissingParameter'],
    [{ MaxCount: 'many' }, 'InvalidParameterValue'],
  ])('RunInstances refuses %j with %s', async (input, code) => {
    await expect(run(input)).rejects.toMatchObject({ code });
  });
});

describe('DescribeInstances', () => {
  it('DescribeInstances filters by tags, states and ids: each filter must match with one of its values', async () => {
    const { instancesSet } = await run();
    const { instanceId } = instancesSet[0];
    await running(instanceId);
    await run();
    const idsOf = async (Filter: object[]) =>
      (await describeInstances({ Filter })).map((instance: { instanceId: string }) => instance.instanceId);
    expect(await idsOf([{ Name: 'instance-state-name', Value: ['running', 'stopped'] }])).toEqual([instanceId]);
    expect(await idsOf([{ Name: 'tag:stepkube:role', Value: ['control-*'] }])).toHaveLength(2);
    expect(
      await idsOf([
        { Name: 'tag:stepkube:role', Value: ['control-plane'] },
        { Name: 'instance-id', Value: ['i-0'] },
      ]),
    ).toEqual([]);
    await expect(idsOf([{ Name: 'color', Value: ['red'] }])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('DescribeInstances names an instance that does not exist', async () => {
    const unknown = describeInstances({ InstanceId: ['i-0abc'] });
    await expect(unknown).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound', message: /i-0abc/ });
  });
});

describe('instance lifecycle', () => {
  it('an instance publishes an event for each state, and TerminateInstances ends its processes', async () => {
    const { instancesSet } = await run();
    const { instanceId } = instancesSet[0];
    await running(instanceId);
    const view = () => ec2.ec2.view?.().instances;
    expect(view()).toMatchObject([{ instanceId, role: 'control-plane', state: 'running' }]);

    await expect(call('TerminateInstances', {})).rejects.toMatchObject({ code: 'MissingParameter' });
    expect(view()).toHaveLength(1);
    const { instancesSet: changes } = await call('TerminateInstances', { InstanceId: [instanceId] });

    expect(changes).toMatchObject([{ currentState: { name: 'shutting-down' }, previousState: { name: 'running' } }]);
    const events = () => ec2.eventsOf('aws.ec2');
    await eventually(() =>
      expect(events().map(({ detail }) => detail['state'])).toEqual([
        'pending',
        'running',
        'shutting-down',
        'terminated',
      ]),
    );
    expect(events()[0]).toMatchObject({
      'detail-type': 'EC2 Instance State-change Notification',
      detail: { 'instance-id': instanceId },
    });
    expect(ec2.instances.terminated).toEqual([instanceId]);
    expect(view()).toEqual([]);
    await expect(call('StartInstances', { InstanceId: [instanceId] })).rejects.toMatchObject({
      code: 'IncorrectInstanceState',
    });
  });
});

describe('StopInstances, StartInstances and RebootInstances', () => {
  const states = () => {
    const events = ec2.eventsOf('aws.ec2').map(({ detail }) => (detail as { state: string }).state);
    return events.filter((state) => state !== undefined);
  };
  const inState = (instanceId: string, state: string) =>
    eventually(async () => {
      const [instance] = await describeInstances({ InstanceId: [instanceId] });
      expect(instance.instanceState.name).toBe(state);
      return instance;
    });

  it('an instance that is stopped and started keeps its id and its address, and its agent comes back', async () => {
    const [{ instanceId }] = (await run()).instancesSet;
    const { privateIpAddress } = await running(instanceId);
    const { instancesSet } = await call('StopInstances', { InstanceId: [instanceId] });
    expect(instancesSet).toMatchObject([{ currentState: { code: 64 }, previousState: { name: 'running' } }]);
    await inState(instanceId, 'stopped');
    await call('StartInstances', { InstanceId: [instanceId] });
    expect(await running(instanceId)).toMatchObject({ instanceId, privateIpAddress });
    expect(states()).toEqual(['pending', 'running', 'stopping', 'stopped', 'pending', 'running']);
    expect(ec2.instances.power).toEqual([`off ${instanceId}`, `on ${instanceId}`]);
    expect(ec2.instances.booted).toHaveLength(1);
    await eventually(() => expect(ec2.store.required(instanceId).agent).toBe('Online'));
  });

  it('an instance that reboots stays in its state, and its agent is lost for a while', async () => {
    const [{ instanceId }] = (await run()).instancesSet;
    await running(instanceId);
    await eventually(() => expect(ec2.store.required(instanceId).agent).toBe('Online'));
    await call('RebootInstances', { InstanceId: [instanceId] });
    expect(ec2.store.required(instanceId)).toMatchObject({ state: 'running', agent: 'ConnectionLost' });
    await eventually(() => expect(ec2.store.required(instanceId).agent).toBe('Online'));
    expect(ec2.instances.power).toEqual([`off ${instanceId}`, `on ${instanceId}`]);
  });

  it.each(['StopInstances', 'StartInstances'])('%s a second time changes nothing', async (operation) => {
    const [{ instanceId }] = (await run()).instancesSet;
    await running(instanceId);
    const change = () => call(operation, { InstanceId: [instanceId] });
    await change();
    const [{ previousState, currentState }] = (await change()).instancesSet;
    expect(currentState).toEqual(previousState);
  });

  it('an instance that is not there yet cannot be stopped or rebooted', async () => {
    const [{ instanceId }] = (await run()).instancesSet;
    for (const operation of ['StopInstances', 'RebootInstances'])
      await expect(call(operation, { InstanceId: [instanceId] })).rejects.toMatchObject({
        code: 'IncorrectInstanceState',
      });
  });
});

it('DescribeSubnets filters by tag', async () => {
  const { subnetSet } = await call('DescribeSubnets', { Filter: [{ Name: 'tag:Name', Value: ['public-b'] }] });
  expect(subnetSet).toMatchObject([{ subnetId: ec2.resources.subnetIds[1], availabilityZone: 'eu-west-1b' }]);
});
