import { afterEach, describe, expect, it } from 'vitest';
import type { TemplateSource } from '#local/cloud/template/template.ts';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let running: TestCloud | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const queue = (QueueName: unknown, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName },
  ...more,
});

/** Outputs of a template with the given values as outputs. */
async function outputs(
  values: Record<string, unknown>,
  { Resources = {}, ...template }: Partial<TemplateSource> = {},
): Promise<Readonly<Record<string, string>>> {
  const Outputs = Object.fromEntries(Object.entries(values).map(([name, Value]) => [name, { Value }]));
  running = await startTestCloud({ resources: Resources, template: { ...template, Outputs } });
  return running.cloud.outputs;
}

describe('intrinsic functions', () => {
  it('intrinsic functions resolve to what CloudFormation returns', async () => {
    const result = await outputs(
      {
        ref: { Ref: 'Jobs' },
        attribute: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
        dotted: { 'Fn::GetAtt': 'Jobs.QueueName' },
        pseudo: { 'Fn::Join': [':', [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, { Ref: 'AWS::StackName' }]] },
        sub: { 'Fn::Sub': ['${Jobs.QueueName}/${AWS::Partition}/${own}/${!literal}', { own: { Ref: 'Size' } }] },
        selected: { 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b-c'] }] },
        zone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
        mapped: { 'Fn::FindInMap': ['Images', { Ref: 'AWS::Region' }, 'id'] },
        encoded: { 'Fn::Base64': 'text' },
        block: { 'Fn::Select': [2, { 'Fn::Cidr': ['10.0.0.0/16', 4, 8] }] },
        list: { 'Fn::Join': ['+', { Ref: 'Names' }] },
        chosen: { 'Fn::If': ['IsLarge', 'large', 'small'] },
      },
      {
        Resources: { Jobs: queue('jobs') },
        Parameters: {
          Size: { Type: 'Number', Default: 7 },
          Names: { Type: 'CommaDelimitedList', Default: 'a,b' },
        },
        Mappings: { Images: { 'us-east-1': { id: 'ami-1' } } },
        Conditions: {
          IsLarge: {
            'Fn::And': [
              { 'Fn::Not': [{ Condition: 'IsSmall' }] },
              { 'Fn::Or': [{ Condition: 'IsSmall' }, { 'Fn::Equals': ['1', 1] }] },
            ],
          },
          IsSmall: { 'Fn::Equals': [{ Ref: 'Size' }, '3'] },
        },
      },
    );

    expect(result).toEqual({
      ref: `${running!.cloud.endpoint}/111122223333/jobs`,
      attribute: 'arn:aws:sqs:us-east-1:111122223333:jobs',
      dotted: 'jobs',
      pseudo: 'us-east-1:111122223333:test',
      sub: 'jobs/aws/7/${literal}',
      selected: 'b',
      zone: 'us-east-1a',
      mapped: 'ami-1',
      encoded: 'dGV4dA==',
      block: '10.0.2.0/24',
      list: 'a+b',
      chosen: 'large',
    });
  });

  it('SSM parameter types and dynamic references resolve to published parameters and secret values', async () => {
    const result = await outputs(
      { image: { Ref: 'Image' }, bootstrap: { Ref: 'Bootstrap' }, queue: { 'Fn::GetAtt': ['Named', 'QueueName'] } },
      {
        Parameters: {
          Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/aws/service/canonical/ubuntu' },
          Bootstrap: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
        },
        Resources: {
          Named: queue({ 'Fn::Sub': 'q-{{resolve:secretsmanager:${Secret}:SecretString:name}}' }),
          Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: '{"name":"hidden"}' } },
        },
      },
    );

    expect(result['image']).toMatch(/^ami-0[0-9a-f]{16}$/);
    expect(Number(result['bootstrap'])).toBeGreaterThan(20);
    expect(result['queue']).toBe('q-hidden');
  });
});

describe('resources', () => {
  it('resources are created after those that they refer to or depend on', async () => {
    const result = await outputs(
      { last: { 'Fn::GetAtt': ['Last', 'QueueName'] } },
      {
        Resources: {
          Last: queue({ 'Fn::Sub': '${Middle.QueueName}-last' }),
          Middle: queue(
            { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['First', 'QueueName'] }, '-middle']] },
            { DependsOn: ['First'] },
          ),
          First: queue('first'),
        },
      },
    );

    expect(result['last']).toBe('first-middle-last');
  });

  it('resources and outputs with a false condition are not created', async () => {
    running = await startTestCloud({
      resources: {
        Maybe: queue('maybe', { Condition: 'Never' }),
        Always: queue({ 'Fn::If': ['Never', 'x', { Ref: 'AWS::NoValue' }] }),
      },
      template: {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Outputs: {
          Maybe: { Value: { Ref: 'Maybe' }, Condition: 'Never' },
          Always: { Value: { 'Fn::GetAtt': ['Always', 'QueueName'] } },
        },
      },
    });

    expect(running.cloud.outputs).toEqual({ Always: expect.stringMatching(/^test-Always-[0-9a-f]{12}$/) });
    expect(running.cloud.view().queues).toHaveLength(1);
  });

  it('resource types without behavior in the twin have ids and attributes', async () => {
    const result = await outputs(
      { route: { Ref: 'Table' }, gateway: { 'Fn::GetAtt': ['Gateway', 'InternetGatewayId'] } },
      { Resources: { Table: { Type: 'AWS::EC2::RouteTable' }, Gateway: { Type: 'AWS::EC2::InternetGateway' } } },
    );

    expect(result).toEqual({ route: expect.stringMatching(/^rtb-0/), gateway: expect.stringMatching(/^igw-0/) });
  });
});

describe('invalid templates', () => {
  const attempt = (Resources: TemplateSource['Resources'], template: Partial<TemplateSource> = {}) =>
    startTestCloud({ resources: Resources, template });

  it.each<[string, TemplateSource['Resources'], string]>([
    [
      'an unknown type',
      { Cache: { Type: 'AWS::ElastiCache::CacheCluster' } },
      'Cache (AWS::ElastiCache::CacheCluster): the twin has nothing that creates this type',
    ],
    [
      'a circular dependency',
      { A: queue({ Ref: 'B' }), B: queue({ Ref: 'A' }) },
      'resources depend on each other: A -> B -> A',
    ],
    [
      'a reference to a missing resource',
      { A: queue({ Ref: 'Missing' }) },
      'A (AWS::SQS::Queue): Ref Missing: there is no such parameter or created resource',
    ],
    [
      'an unknown attribute',
      { A: queue('a'), B: queue({ 'Fn::GetAtt': ['A', 'Color'] }) },
      "Fn::GetAtt A.Color: the twin's AWS::SQS::Queue has Arn, QueueName, QueueUrl",
    ],
    ['an unknown function', { A: queue({ 'Fn::Transform': {} }) }, 'Fn::Transform is not one of Ref, Fn::GetAtt'],
    [
      'a property that its provider refuses',
      { A: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } },
      'A (AWS::SQS::Queue): FifoQueue: the twin has standard queues only',
    ],
  ])('a template with %s is refused with the resource and the reason', async (_case, resources, message) => {
    await expect(attempt(resources)).rejects.toThrow(message);
  });

  it('a cloud that fails to start leaves its port free', async () => {
    await expect(attempt({ A: { Type: 'Custom::Thing' } })).rejects.toThrow('A (Custom::Thing)');

    await expect(outputs({ region: { Ref: 'AWS::Region' } })).resolves.toEqual({ region: 'us-east-1' });
  });
});
