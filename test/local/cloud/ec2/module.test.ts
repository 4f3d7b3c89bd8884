import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEc2Module } from '#local/cloud/ec2/module.ts';
import { type BusEvent, connectBus } from '#local/cloud/events/bus.ts';
import type { CloudModule } from '#local/cloud/service.ts';
import { createEc2Resources, type Ec2Resources } from '#support/ec2-resources.ts';
import { createFakeCloud, type FakeCloud } from '#support/fake-cloud.ts';
import { createFakeInstances, type FakeInstances } from '#support/fake-instances.ts';

let cloud: FakeCloud;
let instances: FakeInstances;
let module: CloudModule;
let resources: Ec2Resources;
const events: BusEvent[] = [];

beforeEach(async () => {
  instances = createFakeInstances();
  cloud = await createFakeCloud({ instances });
  module = createEc2Module(cloud.core);
  cloud.add(module);
  events.length = 0;
  connectBus(cloud.core, async (event) => {
    events.push(event);
  });
  resources = await createEc2Resources(cloud, 'control-plane');
});

afterEach(() => cloud.stop());

function run(more: object = {}) {
  return cloud.call('ec2', 'RunInstances', {
    LaunchTemplate: { LaunchTemplateId: resources.launchTemplateId, Version: '$Latest' },
    SubnetId: resources.subnetIds[0],
    MinCount: '1',
    MaxCount: '1',
    ...more,
  });
}

async function describeInstances(input: object = {}) {
  const { reservationSet } = await cloud.call('ec2', 'DescribeInstances', input);
  return reservationSet.flatMap(({ instancesSet }: { instancesSet: object[] }) => instancesSet);
}

async function running(instanceId: string) {
  return vi.waitFor(async () => {
    const [instance] = await describeInstances({ InstanceId: [instanceId] });
    expect(instance.instanceState.name).toBe('running');
    return instance;
  });
}

describe('RunInstances', () => {
  it('launches from the template: type, image, profile, merged tags, names', async () => {
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
    expect(instances.booted).toMatchObject([{ role: 'control-plane', privateIp: instance.privateIpAddress }]);
    expect(instances.booted[0]?.credentials()).toMatchObject({ sessionToken: instance.instanceId });
  });

  it('gives a client token the instance of its first call', async () => {
    const first = await run({ ClientToken: 'one' });
    const again = await run({ ClientToken: 'one' });
    expect(again.instancesSet[0].instanceId).toBe(first.instancesSet[0].instanceId);
    await expect(run({ ClientToken: 'one', InstanceType: 't3.large' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
    await cloud.call('ec2', 'TerminateInstances', { InstanceId: [first.instancesSet[0].instanceId] });
    await vi.waitFor(() =>
      expect(run({ ClientToken: 'one' })).rejects.toMatchObject({ code: 'IdempotentInstanceTerminated' }),
    );
  });

  it.each([
    [{ SubnetId: 'subnet-absent' }, 'InvalidSubnetID.NotFound'],
    [{ LaunchTemplate: { LaunchTemplateId: 'lt-absent' } }, 'InvalidLaunchTemplateId.NotFound'],
    [{ LaunchTemplate: undefined }, 'MissingParameter'],
  ])('refuses %j with %s', async (input, code) => {
    await expect(run(input)).rejects.toMatchObject({ code });
  });
});

describe('DescribeInstances', () => {
  it('filters by tags, states and ids; every filter must match, one of its values', async () => {
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
    await expect(idsOf([{ Name: 'colour', Value: ['red'] }])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('says which instance does not exist', async () => {
    const unknown = describeInstances({ InstanceId: ['i-0abc'] });
    await expect(unknown).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound', message: /i-0abc/ });
  });
});

describe('an instance', () => {
  it('goes through its states, announces each, and takes its processes with it', async () => {
    const { instancesSet } = await run();
    const { instanceId } = instancesSet[0];
    await running(instanceId);
    expect(module.view?.().instances).toMatchObject([{ instanceId, role: 'control-plane', state: 'running' }]);

    const { instancesSet: changes } = await cloud.call('ec2', 'TerminateInstances', { InstanceId: [instanceId] });

    expect(changes).toMatchObject([{ currentState: { name: 'shutting-down' }, previousState: { name: 'running' } }]);
    await vi.waitFor(() =>
      expect(events.map(({ detail }) => detail['state'])).toEqual([
        'pending',
        'running',
        'shutting-down',
        'terminated',
      ]),
    );
    expect(events[0]).toMatchObject({
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      detail: { 'instance-id': instanceId },
    });
    expect(instances.terminated).toEqual([instanceId]);
    expect(module.view?.().instances).toEqual([]);
    await expect(cloud.call('ec2', 'StartInstances', { InstanceId: [instanceId] })).rejects.toMatchObject({
      code: 'IncorrectInstanceState',
    });
  });
});

it('describes subnets', async () => {
  const { subnetSet } = await cloud.call('ec2', 'DescribeSubnets', {
    Filter: [{ Name: 'tag:Name', Value: ['public-b'] }],
  });
  expect(subnetSet).toMatchObject([{ subnetId: resources.subnetIds[1], availabilityZone: 'eu-west-1b' }]);
});
