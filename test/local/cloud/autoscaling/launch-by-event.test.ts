/** How a worker joins, by SDK clients: the launch hook's event starts a state machine, a document runs, the hook is completed. */
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';
import { eventually } from '#support/eventually.ts';
import { createFakeInstances } from '#support/fake-instances.ts';

const AutoScalingGroupName = 'workers';
const machineArn = 'arn:aws:states:us-east-1:111122223333:stateMachine:join-node';
const assumableBy = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
});

const resources = {
  Subnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1a' },
  },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 't3.medium',
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'stepkube:role', Value: 'worker' }] }],
      },
    },
  },
  Workers: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      AutoScalingGroupName,
      MinSize: '0',
      MaxSize: '2',
      LaunchTemplate: {
        LaunchTemplateId: { Ref: 'Template' },
        Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] },
      },
      VPCZoneIdentifier: [{ Ref: 'Subnet' }],
      LifecycleHookSpecificationList: [
        { LifecycleHookName: 'launch', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
      ],
    },
  },
  Document: {
    Type: 'AWS::SSM::Document',
    Properties: {
      Name: 'test-join-node',
      Content: {
        schemaVersion: '2.2',
        parameters: { ClusterName: { type: 'String', allowedPattern: '[a-z]+' } },
        mainSteps: [{ action: 'aws:runShellScript', name: 'joinNode', inputs: { runCommand: ['true'] } }],
      },
    },
  },
  MachineRole: {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: assumableBy('states.amazonaws.com') },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'join-node',
      RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
      DefinitionString: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } }),
    },
  },
  RuleRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: assumableBy('events.amazonaws.com'),
      Policies: [
        {
          PolicyName: 'start',
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: 'Machine' } }],
          },
        },
      ],
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.autoscaling'],
        'detail-type': ['EC2 Instance-launch Lifecycle Action'],
        detail: { AutoScalingGroupName: [AutoScalingGroupName] },
      },
      Targets: [
        {
          Id: 'Target0',
          Arn: { Ref: 'Machine' },
          RoleArn: { 'Fn::GetAtt': ['RuleRole', 'Arn'] },
          InputTransformer: {
            InputPathsMap: { 'detail-EC2InstanceId': '$.detail.EC2InstanceId' },
            InputTemplate: '{"instanceId":<detail-EC2InstanceId>}',
          },
        },
      ],
    },
  },
};

let cloud: TestCloud;
const instances = createFakeInstances();

beforeAll(async () => {
  cloud = await startTestCloud({ resources, instances });
});

afterAll(() => cloud.stop());

it('a launch hook starts the state machine for its instance, which enters service after CompleteLifecycleAction', async () => {
  const autoScaling = new AutoScalingClient(cloud.client());
  const ec2 = new EC2Client(cloud.client());
  const ssm = new SSMClient(cloud.client());
  const stepFunctions = new SFNClient(cloud.client());
  const member = async (state: string) => {
    const { AutoScalingGroups } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
    );
    expect(AutoScalingGroups?.[0]?.Instances).toMatchObject([
      { LifecycleState: state, AvailabilityZone: 'us-east-1a' },
    ]);
    return AutoScalingGroups![0]!.Instances![0]!.InstanceId!;
  };

  await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 }));
  const instanceId = await eventually(() => member('Pending:Wait'));
  const { Reservations } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'tag:stepkube:role', Values: ['worker'] }] }),
  );
  const [instance] = Reservations?.[0]?.Instances ?? [];
  expect(instance).toMatchObject({
    InstanceId: instanceId,
    State: { Code: 16, Name: 'running' },
    PrivateDnsName: expect.stringMatching(/^ip-127-\d+-1-10\.ec2\.internal$/),
    Tags: expect.arrayContaining([{ Key: 'aws:autoscaling:groupName', Value: AutoScalingGroupName }]),
  });
  expect(instance?.LaunchTime).toBeInstanceOf(Date);

  const execution = await eventually(async () => {
    const { executions } = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    expect(executions).toMatchObject([{ status: 'SUCCEEDED' }]);
    return executions![0]!;
  });
  const { executionArn } = execution;
  const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ input: JSON.stringify({ instanceId }), startDate: expect.any(Date) });
  const { events } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(events?.[0]).toMatchObject({ type: 'ExecutionSucceeded', timestamp: expect.any(Date) });

  const command = { DocumentName: 'test-join-node', InstanceIds: [instanceId] };
  const { Command } = await ssm.send(new SendCommandCommand({ ...command, Parameters: { ClusterName: ['test'] } }));
  await eventually(async () => {
    const CommandId = Command!.CommandId!;
    const invocation = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));
    expect(invocation).toMatchObject({ Status: 'Success', ResponseCode: 0, StandardOutputContent: 'done\n' });
  });
  const refused = ssm.send(new SendCommandCommand({ ...command, Parameters: { ClusterName: ['$(id)'] } }));
  await expect(refused).rejects.toMatchObject({ name: 'InvalidParameters' });

  const completion = new CompleteLifecycleActionCommand({
    AutoScalingGroupName,
    LifecycleHookName: 'launch',
    InstanceId: instanceId,
    LifecycleActionResult: 'CONTINUE',
  });
  await autoScaling.send(completion);
  await eventually(() => member('InService'));
  await expect(autoScaling.send(completion)).rejects.toMatchObject({
    name: 'ValidationError',
    message: `No active Lifecycle Action found with instance ID ${instanceId}`,
  });
  expect(cloud.cloud.view().instances).toMatchObject([{ instanceId, lifecycleState: 'InService', agent: 'Online' }]);
});
