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

const asSender = async () => test.client(await test.assumeRole('sender'));
const url = (queue: string) => `${test.cloud.endpoint}/111122223333/${queue}`;

describe('permissions of a role', () => {
  it('a role may call what its inline and attached policies allow; a batch needs the permission of the single call', async () => {
    const sqs = new SQSClient(await asSender());
    const Entries = [{ Id: '1', MessageBody: 'a' }];

    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(url('jobs'));
    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url('jobs'), Entries }));
    expect(Successful).toHaveLength(1);
  });

  it('a denied call names the caller, the action and the resource', async () => {
    const sqs = new SQSClient(await asSender());
    const send = new SendMessageCommand({ QueueUrl: url('other'), MessageBody: 'x' });

    await expect(sqs.send(send)).rejects.toMatchObject({
      Code: 'AccessDenied',
      message:
        'User: arn:aws:sts::111122223333:assumed-role/sender/test is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:111122223333:other because no identity-based policy allows the sqs:SendMessage action',
    });
  });

  it('an explicit Deny overrides every Allow', async () => {
    const s3 = new S3Client(await asSender());
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'pictures', Key, Body: 'x' }));

    await expect(put('uploads/1')).resolves.toBeDefined();
    await expect(put('annotated/1')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put('uploads/private/1')).rejects.toMatchObject({ message: expect.stringContaining('explicit deny') });
  });

  it('GetObject of a missing key is AccessDenied for a role that may not list the bucket', async () => {
    const s3 = new S3Client(await asSender());
    const get = new GetObjectCommand({ Bucket: 'pictures', Key: 'uploads/missing' });

    await expect(s3.send(get)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:ListBucket on resource: arn:aws:s3:::pictures '),
    });
  });
});

describe('access keys', () => {
  const unknown: Credentials = {
    accessKeyId: 'ASIAUNKNOWN',
    secretAccessKey: 'x',
    sessionToken: 'y',
    expiration: new Date(Date.now() + 60_000),
  };

  it('an unknown access key gets the error code of each protocol', async () => {
    const options = test.client(unknown);
    const get = new GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } });
    const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/x', RoleSessionName: 'xx' });

    await expect(new DynamoDBClient(options).send(get)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(new STSClient(options).send(assume)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(
      new S3Client(options).send(new GetObjectCommand({ Bucket: 'pictures', Key: 'x' })),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });

  it('an access key with the session token of another one is refused', async () => {
    const mixed = { ...test.cloud.operatorCredentials, sessionToken: (await asSender()).credentials.sessionToken };

    await expect(
      new SQSClient(test.client(mixed)).send(new GetQueueUrlCommand({ QueueName: 'jobs' })),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});
