import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '#local/contracts/context.ts';
import { roleResource, startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
      Other: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'other' } },
      Pictures: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'pictures' } },
      Sender: roleResource('sender', [
        { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Jobs', 'Arn'] } },
        { Effect: 'Allow', Action: ['s3:Get*', 's3:PutObject'], Resource: { 'Fn::Sub': '${Pictures.Arn}/uploads/*' } },
        { Effect: 'Deny', Action: 's3:*', Resource: { 'Fn::Sub': '${Pictures.Arn}/uploads/private/*' } },
      ]),
      Separate: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'separate',
          PolicyDocument: { Statement: { Effect: 'Allow', Action: 'sqs:GetQueueUrl', Resource: '*' } },
          Roles: [{ Ref: 'Sender' }],
        },
      },
    },
  });
});

afterAll(() => test.stop());

async function as(role: string): Promise<Credentials> {
  const sts = new STSClient(test.client());
  const RoleArn = `arn:aws:iam::111122223333:role/${role}`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
    expiration: Credentials!.Expiration!,
  };
}

const url = (queue: string) => `${test.cloud.endpoint}/111122223333/${queue}`;

describe('a role', () => {
  it('may do what its inline and attached policies allow; a batch counts as its single action', async () => {
    const sqs = new SQSClient(test.client(await as('sender')));
    const Entries = [{ Id: '1', MessageBody: 'a' }];

    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(url('jobs'));
    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url('jobs'), Entries }));
    expect(Successful).toHaveLength(1);
  });

  it('is told who may not do what to which resource', async () => {
    const sqs = new SQSClient(test.client(await as('sender')));
    const send = new SendMessageCommand({ QueueUrl: url('other'), MessageBody: 'x' });

    await expect(sqs.send(send)).rejects.toMatchObject({
      Code: 'AccessDenied',
      message:
        'User: arn:aws:sts::111122223333:assumed-role/sender/test is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:111122223333:other because no identity-based policy allows the sqs:SendMessage action',
    });
  });

  it('is refused by an explicit deny whatever else allows it', async () => {
    const s3 = new S3Client(test.client(await as('sender')));
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'pictures', Key, Body: 'x' }));

    await expect(put('uploads/1')).resolves.toBeDefined();
    await expect(put('annotated/1')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put('uploads/private/1')).rejects.toMatchObject({ message: expect.stringContaining('explicit deny') });
  });

  it('that may not list a bucket is not told that a key is missing', async () => {
    const s3 = new S3Client(test.client(await as('sender')));
    const get = new GetObjectCommand({ Bucket: 'pictures', Key: 'uploads/missing' });

    await expect(s3.send(get)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:ListBucket on resource: arn:aws:s3:::pictures '),
    });
  });
});

describe('an access key', () => {
  const unknown: Credentials = {
    accessKeyId: 'ASIAUNKNOWN',
    secretAccessKey: 'x',
    sessionToken: 'y',
    expiration: new Date(Date.now() + 60_000),
  };

  it('that nobody holds is refused in the words of each protocol', async () => {
    const options = test.client(unknown);
    const get = new GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } });
    const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/x', RoleSessionName: 'xx' });

    await expect(new DynamoDBClient(options).send(get)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(new STSClient(options).send(assume)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(
      new S3Client(options).send(new GetObjectCommand({ Bucket: 'pictures', Key: 'x' })),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });

  it('with a foreign session token is refused', async () => {
    const mixed = { ...test.cloud.operatorCredentials, sessionToken: (await as('sender')).sessionToken };

    await expect(
      new SQSClient(test.client(mixed)).send(new GetQueueUrlCommand({ QueueName: 'jobs' })),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});
