import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { documentNames } from '#ssm-documents/assemble.ts';
import { clusterTemplate, definitionOf, only, type Resource, resourcesOf } from '#support/infra.ts';

const template = clusterTemplate({ bot: { certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0a' } });
const functionNamed = (name: string): Resource =>
  only(template, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === `shapes-${name}`);
const ruleNamed = (name: string): Resource['Properties'] =>
  only(template, 'AWS::Events::Rule', ({ Name }) => Name === `shapes-${name}`).Properties;
const idOf = (type: string, property: string, value: string): string =>
  Object.entries(resourcesOf(template, type)).find(([, { Properties }]) => Properties[property] === value)![0];
const deadLetters = {
  Arn: { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', 'QueueName', 'shapes-events-dead-letters'), 'Arn'] },
};

describe('template', () => {
  it('the template has no custom resource and looks nothing up', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, Resource>).map(({ Type }) => Type);
    expect(types.filter((type) => /^(Custom::|AWS::CloudFormation::CustomResource)/.test(type))).toEqual([]);
    expect(JSON.stringify(template.toJSON())).not.toContain('dummy-value-for');
  });

  it('the stack outputs what people and the commands look for', () => {
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
      'ClusterName',
      'DrainNodeMachineArn',
      'JoinNodeMachineArn',
      'PicturesBucketName',
      'ProvisionClusterMachineArn',
      'RotateCredentialsMachineArn',
      'RunCommandMachineArn',
      'TelegramSecretName',
      'WorkerGroupName',
    ]);
  });
});

describe('documents', () => {
  it.each(documentNames)('document %s is deployed as a command document under its physical name', (name) => {
    template.hasResourceProperties('AWS::SSM::Document', {
      Name: `shapes-${name}`,
      DocumentType: 'Command',
      UpdateMethod: 'NewVersion',
      Content: {
        schemaVersion: '2.2',
        mainSteps: [{ inputs: { runCommand: Match.arrayWith(['#!/usr/bin/env bash']) } }],
      },
    });
  });
});

describe('events', () => {
  it("status events of the cluster's own documents invoke finish-command", () => {
    const { EventPattern, Targets } = ruleNamed('command-status');
    expect(EventPattern).toEqual({
      source: ['aws.ssm'],
      'detail-type': ['EC2 Command Invocation Status-change Notification'],
      detail: { 'document-name': documentNames.map((name) => `shapes-${name}`) },
    });
    expect(Targets).toEqual([
      expect.objectContaining({
        Arn: { 'Fn::GetAtt': [idOf('AWS::Lambda::Function', 'FunctionName', 'shapes-finish-command'), 'Arn'] },
        DeadLetterConfig: deadLetters,
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
      }),
    ]);
  });

  it('launch events of the worker group start join-node with its input', () => {
    const { EventPattern, Targets } = ruleNamed('worker-launching');
    expect(EventPattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance-launch Lifecycle Action'],
      detail: { AutoScalingGroupName: ['shapes-workers'], LifecycleHookName: ['shapes-launch'] },
    });
    const [{ Arn, InputTransformer, DeadLetterConfig, RetryPolicy }] = Targets;
    expect(Arn).toEqual({ Ref: idOf('AWS::StepFunctions::StateMachine', 'StateMachineName', 'shapes-join-node') });
    const input = (InputTransformer.InputTemplate as string).replace(
      /<([^>]+)>/g,
      (_match, key: string) => `"${InputTransformer.InputPathsMap[key]}"`,
    );
    expect(JSON.parse(input)).toEqual({
      instanceId: '$.detail.EC2InstanceId',
      autoScalingGroupName: '$.detail.AutoScalingGroupName',
      lifecycleHookName: '$.detail.LifecycleHookName',
    });
    expect(DeadLetterConfig).toEqual(deadLetters);
    expect(RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(6000);
  });

  it('a schedule invokes reconcile every minute', () => {
    const { ScheduleExpression, Targets } = ruleNamed('reconcile');
    expect(ScheduleExpression).toBe('rate(1 minute)');
    expect(Targets).toEqual([
      expect.objectContaining({
        Arn: { 'Fn::GetAtt': [idOf('AWS::Lambda::Function', 'FunctionName', 'shapes-reconcile'), 'Arn'] },
        DeadLetterConfig: deadLetters,
      }),
    ]);
  });
});

describe('functions', () => {
  it('every function runs on Node 24 as an ES module and has a log group of its own with a retention', () => {
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'handler.handler' });
      const log = resourcesOf(template, 'AWS::Logs::LogGroup')[Properties.LoggingConfig.LogGroup.Ref]!;
      expect(log.Properties).toEqual({ LogGroupName: `/aws/lambda/${Properties.FunctionName}`, RetentionInDays: 14 });
    }
  });

  it('apply-workloads gets the settings of the bot, and no secret value is resolved in the template', () => {
    expect(functionNamed('apply-workloads').Properties.Environment.Variables).toMatchObject({
      KUBECTL: '/opt/kubectl/kubectl',
      BOT_DOMAIN: 'bot.shapes.dev',
      BOT_CERTIFICATE_ARN: 'arn:aws:acm:eu-west-1:111122223333:certificate/0a',
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:secretsmanager');
  });

  it('ApplyWorkloads has an image and parameters with region and role for every service', () => {
    const { Parameters } = definitionOf(template, 'provision-cluster').States['ApplyWorkloads'] as unknown as {
      readonly Parameters: {
        readonly images: Record<string, string>;
        readonly parameters: Record<string, Record<string, string>>;
      };
    };
    expect(Object.keys(Parameters.images)).toEqual(workloadNames);
    expect(Object.keys(Parameters.parameters)).toEqual(workloadNames);
    for (const values of Object.values(Parameters.parameters)) {
      expect(values).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_ROLE_ARN: expect.stringMatching(/\S/) });
    }
    expect(Parameters.parameters['polybot']).toMatchObject({ WEBHOOK_URL: 'https://bot.shapes.dev/telegram' });
  });

  it("ApplyWorkloads has the networks for the network policies; the endpoints' are those of their subnets", () => {
    const { Parameters } = definitionOf(template, 'provision-cluster').States['ApplyWorkloads'] as unknown as {
      readonly Parameters: { readonly networks: Record<string, unknown> };
    };
    const { SubnetIds } = only(template, 'AWS::EC2::VPCEndpoint', (properties) => properties.SubnetIds).Properties;
    const subnets = resourcesOf(template, 'AWS::EC2::Subnet');
    expect(Parameters.networks).toEqual({
      nodes: '10.7.0.0/16',
      pods: '10.244.0.0/16',
      services: '10.96.0.0/12',
      endpoints: SubnetIds.map(({ Ref }: { readonly Ref: string }) => subnets[Ref]!.Properties.CidrBlock),
    });
  });

  it('set-worker-capacity has the configured number of workers as its default', () => {
    expect(functionNamed('set-worker-capacity').Properties.Environment.Variables).toMatchObject({
      DEFAULT_WORKERS: '3',
    });
  });
});

describe("the service's data", () => {
  it('buckets and queues are encrypted, private and reachable by TLS only; pictures expire after the configured days', () => {
    const { Properties } = only(template, 'AWS::S3::Bucket', ({ LifecycleConfiguration }) =>
      Boolean(LifecycleConfiguration),
    );
    expect(Properties.LifecycleConfiguration.Rules).toEqual([
      expect.objectContaining({ ExpirationInDays: 2, Status: 'Enabled' }),
    ]);
    expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    for (const { Properties: queue } of Object.values(resourcesOf(template, 'AWS::SQS::Queue'))) {
      expect(queue.SqsManagedSseEnabled, queue.QueueName).toBe(true);
    }
    const enforcing = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'].flatMap((type) =>
      Object.values(resourcesOf(template, type)),
    );
    const protectedTypes = ['AWS::S3::Bucket', 'AWS::SQS::Queue'].map((type) => resourcesOf(template, type));
    expect(enforcing).toHaveLength(protectedTypes.flatMap(Object.values).length);
    for (const { Properties: policy } of enforcing) {
      expect(policy.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it.each([
    { queueName: 'shapes-jobs', consumerAttempts: attempts.jobs },
    { queueName: 'shapes-results', consumerAttempts: attempts.results },
    { queueName: 'shapes-reminders', consumerAttempts: attempts.reminders },
    { queueName: 'shapes-metering', consumerAttempts: attempts.events },
    { queueName: 'shapes-model-analyzer', consumerAttempts: attempts.events },
  ])(
    '$queueName moves a message to the dead letters five receives after its consumer should have',
    ({ queueName, consumerAttempts }) => {
      template.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: queueName,
        RedrivePolicy: {
          deadLetterTargetArn: {
            'Fn::GetAtt': [idOf('AWS::SQS::Queue', 'QueueName', `${queueName}-dead-letters`), 'Arn'],
          },
          maxReceiveCount: consumerAttempts + 5,
        },
      });
    },
  );

  it('the queue of reminders delays each message by a minute', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'shapes-reminders', DelaySeconds: 60 });
  });

  it("the issuer's bucket publishes its two documents and nothing else", () => {
    const publicStatements = Object.values(resourcesOf(template, 'AWS::S3::BucketPolicy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(publicStatements).toEqual([
      expect.objectContaining({ Action: 's3:GetObject', Principal: { AWS: '*' }, Sid: 'PublicIssuerDocuments' }),
    ]);
    const keys = publicStatements[0].Resource.map((arn: { 'Fn::Join': [string, unknown[]] }) =>
      arn['Fn::Join'][1].at(-1),
    );
    expect(keys).toEqual(['/.well-known/openid-configuration', '/openid/v1/jwks']);
  });
});
