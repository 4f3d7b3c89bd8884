import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

const Bucket = 'pictures';
const assetBucket = 'cdk-assets-111122223333-us-east-1';
let test: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Pictures: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } },
      Issuer: { Type: 'AWS::S3::Bucket' },
      IssuerPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Issuer' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Deny',
                Principal: { AWS: '*' },
                Action: 's3:*',
                Resource: '*',
                Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              },
              {
                Effect: 'Allow',
                Principal: '*',
                Action: 's3:GetObject',
                Resource: { 'Fn::Sub': '${Issuer.Arn}/openid/v1/jwks' },
              },
            ],
          },
        },
      },
    },
    template: {
      Outputs: {
        Issuer: { Value: { Ref: 'Issuer' } },
        Host: { Value: { 'Fn::GetAtt': ['Issuer', 'RegionalDomainName'] } },
      },
    },
    assets: {
      files: {
        abc: {
          source: { path: 'asset.abc', packaging: 'zip' },
          destinations: { there: { bucketName: 'cdk-assets-${AWS::AccountId}-${AWS::Region}', objectKey: 'abc.zip' } },
        },
      },
    },
  });
  const folder = path.join(test.assemblyFolder, 'asset.abc/calico');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'kustomization.yaml'), 'resources: []\n');
  s3 = new S3Client(test.client());
});

afterAll(async () => {
  s3.destroy();
  await test.stop();
});

async function read(Key: string, more: { readonly Range?: string; readonly Bucket?: string } = {}): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Body!.transformToString();
}

describe('objects', () => {
  it('GetObject returns bytes, content type, metadata and checksum of an object', async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'uploads/é 1+2.jpg',
        Body: Buffer.from('bytes'),
        ContentType: 'image/jpeg',
        Metadata: { chat: '7' },
      }),
    );
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'uploads/é 1+2.jpg', ChecksumMode: 'ENABLED' }));

    expect(object).toMatchObject({
      ContentType: 'image/jpeg',
      Metadata: { chat: '7' },
      ContentLength: 5,
      ETag: '"4b3a6218bb3e3a7303e8a171a60fcf92"',
    });
    expect(await object.Body!.transformToString()).toBe('bytes');
  });

  it('a streamed upload is stored without its aws-chunked encoding and trailing checksum', async () => {
    const parts = ['a'.repeat(70_000), 'b'.repeat(70_000)];
    const Body = Readable.from(parts);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: 140_000 }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'streamed' }));

    expect(await read('streamed')).toBe(parts.join(''));
    expect(head.ContentLength).toBe(140_000);
    expect(head.ContentEncoding).toBeUndefined();
  });

  it.each([
    ['a Content-MD5 of other content', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['a Content-MD5 that is none', { ContentMD5: 'short' }, 'InvalidDigest'],
    ['If-None-Match with an ETag', { IfNoneMatch: '"0123"' }, 'NotImplemented'],
    ['a key of 1,025 bytes', { Key: `ü${'x'.repeat(1023)}` }, 'KeyTooLongError'],
  ])('PutObject refuses %s', async (_name, more, name) => {
    const put = new PutObjectCommand({ Bucket, Key: 'refused', Body: 'bytes', ...more });
    await expect(s3.send(put)).rejects.toMatchObject({ name });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'refused' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('PutObject takes a key of 1,024 bytes', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'x'.repeat(1024), Body: 'bytes' });
    await expect(s3.send(put)).resolves.toMatchObject({ ETag: expect.any(String) });
  });

  it('an object can be a form', async () => {
    const ContentType = 'application/x-www-form-urlencoded';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'form', Body: 'Action=DescribeInstances', ContentType }));
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: 'form' }));
    expect([found.ContentType, await found.Body!.transformToString()]).toEqual([
      ContentType,
      'Action=DescribeInstances',
    ]);
  });

  it.each([
    ['bytes=0-3', '0123'],
    ['bytes=8-', '89'],
    ['bytes=-2', '89'],
    ['bytes=5-500', '56789'],
  ])('GetObject with the range %s returns that part of the object', async (Range, expected) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));

    expect(await read('digits', { Range })).toBe(expected);
  });

  it('GetObject refuses a range beyond the end of the object', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));

    await expect(read('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('GetObject and PutObject check If-Match and If-None-Match', async () => {
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '1' }));
    const get = (conditions: object) => s3.send(new GetObjectCommand({ Bucket, Key: 'once', ...conditions }));

    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '2', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect((await get({ IfMatch: ETag })).ETag).toBe(ETag);
  });

  it('objects can be copied and deleted; a missing object is the error NoSuchKey of the SDK', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from', Body: 'copy me', ContentType: 'text/plain' }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from` }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'from' }));

    expect(await read('to')).toBe('copy me');
    await expect(read('from')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'from' }))).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('buckets', () => {
  it('ListObjectsV2 lists keys by prefix and delimiter, in pages', async () => {
    for (const Key of ['list/a/1', 'list/a/2', 'list/b', 'list/c']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
    const list = (options: object) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', ...options }));
    const byFolder = await list({ Delimiter: '/' });
    const first = await list({ MaxKeys: 3 });
    const second = await list({ ContinuationToken: first.NextContinuationToken });

    expect(byFolder.CommonPrefixes).toEqual([{ Prefix: 'list/a/' }]);
    expect(byFolder.Contents?.map(({ Key }) => Key)).toEqual(['list/b', 'list/c']);
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 3 });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['list/c']);
  });

  it('DeleteObjects deletes several objects, also missing ones', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'many/1', Body: '1' }));
    const Delete = { Objects: [{ Key: 'many/1' }, { Key: 'many/2' }] };
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));

    expect(Deleted?.map(({ Key }) => Key)).toEqual(['many/1', 'many/2']);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }))).Contents).toBeUndefined();
  });

  it('GetObject from a missing bucket is NoSuchBucket', async () => {
    await expect(read('x', { Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

function getByHost(host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(`${test.cloud.endpoint}${path}`, { headers: { host } }, (response) => {
      text(response).then(resolve, reject);
    });
    request.on('error', reject);
  });
}

describe('public access', () => {
  it('unsigned requests read only what the bucket policy allows to everyone, by path or by host name', async () => {
    const issuer = test.cloud.outputs['Issuer']!;
    for (const Key of ['openid/v1/jwks', 'private']) {
      await s3.send(new PutObjectCommand({ Bucket: issuer, Key, Body: `{"key":"${Key}"}` }));
    }
    const status = async (key: string) => (await fetch(`${test.cloud.endpoint}/${issuer}/${key}`)).status;

    expect(await (await fetch(`${test.cloud.endpoint}/${issuer}/openid/v1/jwks`)).json()).toEqual({
      key: 'openid/v1/jwks',
    });
    expect(await status('private')).toBe(403);
    expect(await status('openid/v1/missing')).toBe(403);
    expect(await getByHost(test.cloud.outputs['Host']!, '/openid/v1/jwks')).toBe('{"key":"openid/v1/jwks"}');
  });
});

describe('CDK asset bucket', () => {
  it('the asset bucket serves a directory asset as the zip file that a deployment uploads', async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: assetBucket, Key: 'abc.zip' }));
    const files = unzipSync(await Body!.transformToByteArray());

    expect(Object.keys(files)).toEqual(['calico/kustomization.yaml']);
    expect(strFromU8(files['calico/kustomization.yaml']!)).toBe('resources: []\n');
  });

  it('the asset bucket has no other objects', async () => {
    await expect(read('other.zip', { Bucket: assetBucket })).rejects.toBeInstanceOf(NoSuchKey);
  });
});
