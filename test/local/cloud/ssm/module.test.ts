import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEc2Module } from '#local/cloud/ec2/module.ts';
import { type BusEvent, connectBus } from '#local/cloud/events/bus.ts';
import { createSsmModule } from '#local/cloud/ssm/module.ts';
import { createEc2Resources } from '#support/ec2-resources.ts';
import { createFakeCloud, type FakeCloud, type FakeCloudOptions } from '#support/fake-cloud.ts';
import { createFakeInstances, type FakeInstances } from '#support/fake-instances.ts';

let cloud: FakeCloud;
let instances: FakeInstances;
let instanceId: string;
const events: BusEvent[] = [];

afterEach(() => cloud.stop());

async function setUp(options: FakeCloudOptions = {}): Promise<void> {
  instances = createFakeInstances();
  cloud = await createFakeCloud({ instances, ...options });
  cloud.add(createEc2Module(cloud.core));
  cloud.add(createSsmModule(cloud.core));
  await cloud.create('AWS::SSM::Document', 'JoinNode', {
    Name: 'test-join-node',
    DocumentType: 'Command',
    Content: {
      schemaVersion: '2.2',
      parameters: {
        ClusterName: { type: 'String', allowedPattern: '[a-z-]+', interpolationType: 'ENV_VAR' },
        Mode: { type: 'String', default: 'normal' },
      },
      mainSteps: [{ action: 'aws:runShellScript', name: 'joinNode', inputs: { runCommand: ['#!/bin/bash', 'true'] } }],
    },
  });
  const { launchTemplateId, subnetIds } = await createEc2Resources(cloud);
  const { instancesSet } = await cloud.call('ec2', 'RunInstances', {
    LaunchTemplate: { LaunchTemplateId: launchTemplateId },
    SubnetId: subnetIds[0],
  });
  instanceId = instancesSet[0].instanceId;
  if (options.instances === undefined) {
    await vi.waitFor(async () => expect(await information()).toHaveLength(1));
  }
  events.length = 0;
  connectBus(cloud.core, async (event) => {
    events.push(event);
  });
}

const information = async () =>
  (await cloud.call('ssm', 'DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }))
    .InstanceInformationList;

async function send(more: object = {}) {
  const { Command } = await cloud.call('ssm', 'SendCommand', {
    DocumentName: 'test-join-node',
    InstanceIds: [instanceId],
    Parameters: { ClusterName: ['test'] },
    CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: '/test/commands' },
    ...more,
  });
  return Command;
}

const invocationOf = (CommandId: string) =>
  cloud.call('ssm', 'GetCommandInvocation', { CommandId, InstanceId: instanceId });

const ended = (commandId: string) =>
  vi.waitFor(async () => {
    const invocation = await invocationOf(commandId);
    expect(invocation.Status).not.toMatch(/Pending|InProgress/);
    return invocation;
  });

describe('SendCommand', () => {
  it('runs the document with its parameters and defaults, and keeps what it printed', async () => {
    await setUp();
    const command = await send();
    expect(command).toMatchObject({ Status: 'Pending', DocumentName: 'test-join-node', TargetCount: 1 });
    await expect(invocationOf(command.CommandId)).rejects.toMatchObject({ code: 'InvocationDoesNotExist' });

    expect(await ended(command.CommandId)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      PluginName: 'joinNode',
      StandardOutputContent: 'done\n',
      CloudWatchOutputConfig: { CloudWatchLogGroupName: '/test/commands' },
    });
    expect(instances.runs).toMatchObject([
      {
        instanceId,
        command: { documentName: 'test-join-node', parameters: { ClusterName: ['test'], Mode: ['normal'] } },
      },
    ]);
    const stream = `/test/commands/${command.CommandId}/${instanceId}/aws-runShellScript/stdout`;
    expect(cloud.logs.get(stream)).toBe('done\n');
    const { CommandInvocations } = await cloud.call('ssm', 'ListCommandInvocations', { CommandId: command.CommandId });
    expect(CommandInvocations).toMatchObject([{ InstanceId: instanceId, Status: 'Success' }]);
  });

  it('announces every status of an invocation', async () => {
    await setUp();
    const { CommandId } = await send();
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events).toMatchObject([
      { source: 'aws.ssm', 'detail-type': 'EC2 Command Invocation Status-change Notification' },
      {
        detail: {
          'command-id': CommandId,
          'document-name': 'test-join-node',
          'instance-id': instanceId,
          'requested-date-time': expect.stringMatching(/^\d{4}-.*Z$/),
          status: 'Success',
        },
      },
    ]);
    expect(events[0]?.detail['status']).toBe('InProgress');
  });

  it('keeps the first 24,000 and 8,000 characters of output', async () => {
    await setUp();
    instances.answer = () => ({ status: 'Failed', exitCode: 3, stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9_000) });
    const { CommandId } = await send();
    const invocation = await ended(CommandId);
    expect(invocation).toMatchObject({ Status: 'Failed', ResponseCode: 3 });
    expect(invocation.StandardOutputContent).toHaveLength(24_000);
    expect(invocation.StandardErrorContent).toHaveLength(8_000);
  });

  it('times out when the instance goes away under the command', async () => {
    await setUp();
    instances.answer = () => Promise.reject(new Error('terminated'));
    const { CommandId } = await send();
    expect(await ended(CommandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
  });

  it.each([
    [{ DocumentName: 'absent' }, 'InvalidDocument', /absent does not exist/],
    [{ Parameters: {} }, 'InvalidParameters', /"ClusterName" requires a value/],
    [{ Parameters: { ClusterName: ['x; rm -rf /'] } }, 'InvalidParameters', /ClusterName does not match/],
    [{ Parameters: { ClusterName: ['x'], Colour: ['red'] } }, 'InvalidParameters', /Colour/],
    [{ InstanceIds: ['i-0123456789abcdef0'] }, 'InvalidInstanceId', /\[\[i-0123456789abcdef0\]\] not in a valid state/],
  ])('refuses %j with %s', async (input, code, message) => {
    await setUp();
    await expect(send(input)).rejects.toMatchObject({ code, message });
    expect(instances.runs).toEqual([]);
  });

  it('refuses an instance whose agent never registered', async () => {
    const silent = createFakeInstances();
    silent.agents = false;
    await setUp({ instances: silent });
    await vi.waitFor(() => expect(silent.booted).toHaveLength(1));
    await expect(send()).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    expect(await information()).toEqual([]);
  });
});

describe('faults', () => {
  it('command-event-lost drops the final event once', async () => {
    await setUp({ faults: ['command-event-lost:join-node'] });
    await ended((await send()).CommandId);
    expect(events.map(({ detail }) => detail['status'])).toEqual(['InProgress']);
    await send();
    await vi.waitFor(() => expect(events.map(({ detail }) => detail['status'])).toContain('Success'));
  });

  it('command-event-early delivers the final event before SendCommand returns', async () => {
    await setUp({ faults: ['command-event-early:join-node'] });
    await send();
    expect(events.map(({ detail }) => detail['status'])).toEqual(['InProgress', 'Success']);
  });
});

it('lists the instances whose agent is registered', async () => {
  await setUp();
  expect(await information()).toMatchObject([
    { InstanceId: instanceId, PingStatus: 'Online', AgentVersion: '3.3.3050.0', PlatformName: 'Ubuntu' },
  ]);
  await cloud.call('ec2', 'TerminateInstances', { InstanceId: [instanceId] });
  await vi.waitFor(async () => expect(await information()).toEqual([]));
});

it('reads parameters of the template and those that AWS publishes', async () => {
  await setUp();
  await cloud.create('AWS::SSM::Parameter', 'P', { Name: '/test/size', Type: 'String', Value: '3' });
  const { Parameter } = await cloud.call('ssm', 'GetParameter', { Name: '/test/size' });
  expect(Parameter).toMatchObject({ Name: '/test/size', Type: 'String', Value: '3', Version: 1 });
  const found = await cloud.call('ssm', 'GetParameters', {
    Names: ['/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id', '/absent'],
  });
  expect(found.Parameters[0].Value).toMatch(/^ami-0/);
  expect(found.InvalidParameters).toEqual(['/absent']);
  await expect(cloud.call('ssm', 'GetParameter', { Name: '/absent' })).rejects.toMatchObject({
    code: 'ParameterNotFound',
  });
});
