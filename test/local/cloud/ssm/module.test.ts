import { describe, expect, it } from 'vitest';
import { createLogsModule } from '#local/cloud/logs/module.ts';
import { createSsmModule } from '#local/cloud/ssm/module.ts';
import { createEc2Cloud, type Ec2CloudOptions } from '#support/ec2-cloud.ts';
import { eventually } from '#support/eventually.ts';

/** A cloud with one instance and the document 'test-join-node'. */
async function createSsmCloud(options: Ec2CloudOptions = {}) {
  const ec2 = await createEc2Cloud(options);
  const { cloud, store, resources } = ec2;
  cloud.add(createLogsModule(cloud.core));
  await cloud.create('AWS::Logs::LogGroup', 'Commands', { LogGroupName: '/test/commands' });
  cloud.add(createSsmModule(cloud.core, store));
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
  const { instancesSet } = await cloud.call('ec2', 'RunInstances', {
    LaunchTemplate: { LaunchTemplateId: resources.launchTemplateId },
    SubnetId: resources.subnetIds[0],
  });
  const instanceId: string = instancesSet[0].instanceId;

  const information = async () => {
    const input = { Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] };
    return (await cloud.call('ssm', 'DescribeInstanceInformation', input)).InstanceInformationList;
  };
  if (options.agents !== false) await eventually(async () => expect(await information()).toHaveLength(1));

  const invocationOf = (CommandId: string) =>
    cloud.call('ssm', 'GetCommandInvocation', { CommandId, InstanceId: instanceId });
  return {
    ...ec2,
    instanceId,
    information,
    invocationOf,
    statuses: () => ec2.eventsOf('aws.ssm').map(({ detail }) => detail['status']),
    async send(more: object = {}) {
      const { Command } = await cloud.call('ssm', 'SendCommand', {
        DocumentName: 'test-join-node',
        InstanceIds: [instanceId],
        Parameters: { ClusterName: ['test'] },
        CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: '/test/commands' },
        ...more,
      });
      return Command;
    },
    ended: (commandId: string) =>
      eventually(async () => {
        const invocation = await invocationOf(commandId);
        expect(invocation.Status).not.toMatch(/Pending|InProgress/);
        return invocation;
      }),
  };
}

describe('SendCommand', () => {
  it('SendCommand runs the document with its parameters and defaults, and keeps the output', async () => {
    await using ssm = await createSsmCloud();
    const command = await ssm.send();
    expect(command).toMatchObject({ Status: 'Pending', DocumentName: 'test-join-node', TargetCount: 1 });
    await expect(ssm.invocationOf(command.CommandId)).rejects.toMatchObject({ code: 'InvocationDoesNotExist' });

    expect(await ssm.ended(command.CommandId)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      PluginName: 'joinNode',
      StandardOutputContent: 'done\n',
      CloudWatchOutputConfig: { CloudWatchLogGroupName: '/test/commands' },
    });
    const { instanceId, cloud } = ssm;
    expect(ssm.instances.runs).toMatchObject([
      {
        instanceId,
        command: { documentName: 'test-join-node', parameters: { ClusterName: ['test'], Mode: ['normal'] } },
      },
    ]);
    const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName: '/test/commands' });
    const logStreamName = `${command.CommandId}/${instanceId}/aws-runShellScript/stdout`;
    expect(events).toMatchObject([{ logStreamName, message: 'done' }]);
    const { CommandInvocations } = await cloud.call('ssm', 'ListCommandInvocations', { CommandId: command.CommandId });
    expect(CommandInvocations).toMatchObject([{ InstanceId: instanceId, Status: 'Success' }]);
  });

  it('every status of an invocation is published as an event', async () => {
    await using ssm = await createSsmCloud();
    const { CommandId } = await ssm.send();
    await eventually(() => expect(ssm.statuses()).toEqual(['InProgress', 'Success']));
    expect(ssm.eventsOf('aws.ssm')[1]).toMatchObject({
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      detail: {
        'command-id': CommandId,
        'document-name': 'test-join-node',
        'instance-id': ssm.instanceId,
        'requested-date-time': expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
  });

  it('GetCommandInvocation returns the first 24,000 characters of stdout and 8,000 of stderr', async () => {
    await using ssm = await createSsmCloud();
    const [stdout, stderr] = ['o'.repeat(30_000), 'e'.repeat(9_000)];
    ssm.instances.answer = () => ({ status: 'Failed', exitCode: 3, stdout, stderr });
    const { CommandId } = await ssm.send();
    const invocation = await ssm.ended(CommandId);
    expect(invocation).toMatchObject({ Status: 'Failed', ResponseCode: 3 });
    expect(invocation.StandardOutputContent).toHaveLength(24_000);
    expect(invocation.StandardErrorContent).toHaveLength(8_000);
  });

  it('a command times out when its instance is terminated meanwhile', async () => {
    await using ssm = await createSsmCloud();
    ssm.instances.answer = () => Promise.reject(new Error('terminated'));
    const { CommandId } = await ssm.send();
    expect(await ssm.ended(CommandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
  });

  it.each([
    [{ DocumentName: 'absent' }, 'InvalidDocument', /absent does not exist/],
    [{ Parameters: {} }, 'InvalidParameters', /"ClusterName" requires a value/],
    [{ Parameters: { ClusterName: ['x; rm -rf /'] } }, 'InvalidParameters', /ClusterName does not match/],
    [{ Parameters: { ClusterName: ['x'], Color: ['red'] } }, 'InvalidParameters', /Color/],
    [{ InstanceIds: ['i-0123456789abcdef0'] }, 'InvalidInstanceId', /\[\[i-0123456789abcdef0\]\] not in a valid state/],
  ])('SendCommand refuses %j with %s', async (input, code, message) => {
    await using ssm = await createSsmCloud();
    await expect(ssm.send(input)).rejects.toMatchObject({ code, message });
    expect(ssm.instances.runs).toEqual([]);
  });

  it('SendCommand refuses an instance whose agent has not registered', async () => {
    await using ssm = await createSsmCloud({ agents: false });
    await eventually(() => expect(ssm.instances.booted).toHaveLength(1));
    await expect(ssm.send()).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    expect(await ssm.information()).toEqual([]);
  });
});

describe('what SendCommand refuses', () => {
  it.each([
    ['a comment of 101 characters', { Comment: 'x'.repeat(101) }, 'ValidationException', 'Comment'],
    ['a delivery timeout below 30 s', { TimeoutSeconds: 29 }, 'ValidationException', 'TimeoutSeconds'],
    ['a delivery timeout above 30 days', { TimeoutSeconds: 2_592_001 }, 'ValidationException', 'TimeoutSeconds'],
    ['more than 50 instances', { InstanceIds: Array(51).fill('i-00000000') }, 'ValidationException', 'InstanceIds'],
    ['an id that is none', { InstanceIds: ['web-1'] }, 'ValidationException', 'InstanceIds'],
    ['an instance twice', { InstanceIds: ['i-00000000', 'i-00000000'] }, 'DuplicateInstanceId', 'more than one'],
    ['an unknown instance', { InstanceIds: ['i-00000000'] }, 'InvalidInstanceId', 'i-00000000'],
    ['no concurrency', { MaxConcurrency: '0' }, 'ValidationException', 'MaxConcurrency'],
    ['more errors than all', { MaxErrors: '101%' }, 'ValidationException', 'MaxErrors'],
    ['a bucket name of two letters', { OutputS3BucketName: 'ab' }, 'ValidationException', 'OutputS3BucketName'],
    ['an unknown document', { DocumentName: 'absent' }, 'InvalidDocument', 'absent'],
    ['an unknown parameter', { Parameters: { ClusterName: ['a'], Other: ['b'] } }, 'InvalidParameters', 'Other'],
    ['two values of a String', { Parameters: { ClusterName: ['a', 'b'] } }, 'InvalidParameters', 'one value, not 2'],
  ])('SendCommand refuses %s', async (_name, more, code, message) => {
    await using ssm = await createSsmCloud();
    await expect(ssm.send(more)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('faults of Run Command', () => {
  it('the fault command-event-lost drops the event of one final status', async () => {
    await using ssm = await createSsmCloud({ faults: ['command-event-lost:join-node'] });
    await ssm.ended((await ssm.send()).CommandId);
    expect(ssm.statuses()).toEqual(['InProgress']);
    await ssm.send();
    await eventually(() => expect(ssm.statuses()).toContain('Success'));
  });

  it('the fault command-event-early delivers the final event before SendCommand returns', async () => {
    await using ssm = await createSsmCloud({ faults: ['command-event-early:join-node'] });
    await ssm.send();
    expect(ssm.statuses()).toEqual(['InProgress', 'Success']);
  });
});

it('DescribeInstanceInformation lists the instances whose agent is registered', async () => {
  await using ssm = await createSsmCloud();
  expect(await ssm.information()).toMatchObject([
    { InstanceId: ssm.instanceId, PingStatus: 'Online', AgentVersion: '3.3.3050.0', PlatformName: 'Ubuntu' },
  ]);
  await ssm.cloud.call('ec2', 'TerminateInstances', { InstanceId: [ssm.instanceId] });
  await eventually(async () => expect(await ssm.information()).toEqual([]));
});

it('GetParameter and GetParameters read parameters of the template and public ones', async () => {
  await using ssm = await createSsmCloud();
  await ssm.cloud.create('AWS::SSM::Parameter', 'P', { Name: '/test/size', Type: 'String', Value: '3' });
  const call = (operation: string, input: object) => ssm.cloud.call('ssm', operation, input);
  const { Parameter } = await call('GetParameter', { Name: '/test/size' });
  expect(Parameter).toMatchObject({ Name: '/test/size', Type: 'String', Value: '3', Version: 1 });
  const found = await call('GetParameters', {
    Names: ['/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id', '/absent'],
  });
  expect(found.Parameters[0].Value).toMatch(/^ami-0/);
  expect(found.InvalidParameters).toEqual(['/absent']);
  await expect(call('GetParameter', { Name: '/absent' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
});
