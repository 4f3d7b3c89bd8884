import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { clusterTemplate, type Resource, resourcesOf } from '#support/infra.ts';
import { actionsOf, listOf, roleOf, statementsOf } from '#support/policies.ts';

const template = clusterTemplate();
const podRole = (serviceAccount: string) => `Pods of service account stepkube/${serviceAccount}`;

describe.each(workloadNames)('role of service account %s', (serviceAccount) => {
  it(`the role of ${serviceAccount} trusts STS tokens of this service account from the cluster's issuer only`, () => {
    const {
      'Fn::Sub': [text, values],
    } = roleOf(template, podRole(serviceAccount)).Properties.AssumeRolePolicyDocument;
    const trust = JSON.parse(
      text.replaceAll('${IssuerHost}', 'issuer.example').replaceAll('${Provider}', 'provider-arn'),
    );
    expect(trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: 'provider-arn' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'issuer.example:sub': `system:serviceaccount:stepkube:${serviceAccount}`,
            'issuer.example:aud': 'sts.amazonaws.com',
          },
        },
      },
    ]);
    expect(values.IssuerHost['Fn::Join'][1].slice(1)).toEqual(['.s3.eu-west-1.amazonaws.com']);
  });
});

describe.each(['metering', 'model-analyzer'])('role of service account %s', (serviceAccount) => {
  const nameOf = (resource: unknown): unknown => {
    const [id] = (resource as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
    const { Properties } = (template.toJSON().Resources as Record<string, Resource>)[id]!;
    return Properties.QueueName ?? Properties.TableName;
  };
  const statements = statementsOf(template, podRole(serviceAccount));

  it(`the role of ${serviceAccount} reaches its own queue, dead letters and table, and nothing else`, () => {
    const resources = statements.flatMap(({ Resource: resource }) => listOf(resource)).map(nameOf);
    const queue = `shapes-${serviceAccount}`;
    expect(resources).toEqual([queue, `${queue}-dead-letters`, `shapes-${serviceAccount}`]);
  });

  it(`the role of ${serviceAccount} receives messages and works on items, but cannot change the table itself`, () => {
    expect(actionsOf(template, podRole(serviceAccount)).toSorted()).toEqual([
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
  });

  it(`the role of ${serviceAccount} sends messages to its dead letters only`, () => {
    const sends = statements.filter(({ Action }) => listOf(Action).includes('sqs:SendMessage'));
    expect(sends.map(({ Resource: resource }) => nameOf(resource))).toEqual([`shapes-${serviceAccount}-dead-letters`]);
  });
});

describe.each([
  ['yolo5', ['PredictionCompleted', 'PredictionFailed']],
  ['polybot', ['UserForgotten']],
])('events of service account %s', (serviceAccount, types) => {
  it(`${serviceAccount} can put only ${types.join(' and ')} on the bus, under its own source`, () => {
    const [bus] = Object.keys(resourcesOf(template, 'AWS::Events::EventBus'));
    const puts = statementsOf(template, podRole(serviceAccount)).filter(({ Action }) =>
      listOf(Action).includes('events:PutEvents'),
    );
    expect(puts).toEqual([
      expect.objectContaining({
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': [bus, 'Arn'] },
        Condition: {
          StringEquals: {
            'events:source': `stepkube.${serviceAccount}`,
            'events:detail-type': types,
          },
        },
      }),
    ]);
  });
});

describe.each([
  ['polybot', { put: 'uploads', get: 'annotated', secret: true }],
  ['yolo5', { put: 'annotated', get: 'uploads', secret: false }],
])('role of service account %s', (serviceAccount, { put, get, secret }) => {
  const description = podRole(serviceAccount);

  it(`${serviceAccount} reads ${get}/ and writes ${put}/ in the pictures bucket`, () => {
    const folderOf = (action: string) =>
      statementsOf(template, description)
        .filter(({ Action }) => listOf(Action).includes(action))
        .map(({ Resource: resource }) => (resource as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].at(-1));
    expect(folderOf('s3:PutObject')).toEqual([`/${put}/*`]);
    expect(folderOf('s3:GetObject')).toEqual([`/${get}/*`]);
  });

  it(`${serviceAccount} may list the pictures, so that S3 tells a missing picture from a forbidden one`, () => {
    expect(actionsOf(template, description)).toContain('s3:ListBucket');
  });

  it(`${serviceAccount} ${secret ? 'reads the Telegram secret' : 'reads no secret'}`, () => {
    expect(actionsOf(template, description).includes('secretsmanager:GetSecretValue')).toBe(secret);
  });
});

describe('issuer: cloudFront', () => {
  const distributed = clusterTemplate({ issuer: 'cloudFront' });

  it('the issuer documents are read by CloudFront from a bucket that is not public', () => {
    const [bucketPolicy] = Object.values(resourcesOf(distributed, 'AWS::S3::BucketPolicy')).filter(({ Properties }) =>
      JSON.stringify(Properties).includes('cloudfront.amazonaws.com'),
    );
    const allowed = bucketPolicy!.Properties.PolicyDocument.Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    expect(allowed).toMatchObject([
      { Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' }, Condition: { StringEquals: {} } },
    ]);
    const open = Object.values(resourcesOf(distributed, 'AWS::S3::Bucket')).filter(
      ({ Properties }) => Properties.PublicAccessBlockConfiguration?.BlockPublicPolicy !== true,
    );
    expect(open).toEqual([]);
  });

  it("IAM trusts the distribution's domain name", () => {
    const [provider] = Object.values(resourcesOf(distributed, 'AWS::IAM::OIDCProvider'));
    expect(JSON.stringify(provider!.Properties.Url)).toContain('DomainName');
  });
});
