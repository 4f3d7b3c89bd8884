import {
  type ChecksumAlgorithm,
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

const Bucket = 'pictures';
const Body = '123456789';
let test: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  test = await startTestCloud({
    resources: { Pictures: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } } },
  });
  s3 = new S3Client(test.client());
});
afterAll(() => test?.stop());

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const headOf = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

/** The check values that the catalogs of CRCs and FIPS 180 print for the text '123456789'. */
const checkValues: readonly (readonly [ChecksumAlgorithm, string])[] = [
  ['CRC32', base64('cbf43926')],
  ['CRC32C', base64('e3069283')],
  ['CRC64NVME', base64('ae8b14860a799888')],
  ['SHA1', base64('f7c3bc1d808e04732adf679965ccc34ca7ae3441')],
  ['SHA256', base64('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225')],
];

describe('checksums of objects', () => {
  it.each(checkValues)('an object keeps the %s that it was put with', async (algorithm, value) => {
    const member = `Checksum${algorithm}`;
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: algorithm, Body, ChecksumAlgorithm: algorithm }));
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }));

    expect(put).toMatchObject({ [member]: value, ChecksumType: 'FULL_OBJECT' });
    expect(object).toMatchObject({ [member]: value, ChecksumType: 'FULL_OBJECT' });
    expect(await headOf(algorithm)).toMatchObject({ [member]: value });
    // The client compares it with what arrives.
    expect(await object.Body!.transformToString()).toBe(Body);
  });

  it.each(checkValues)('PutObject refuses a body that does not match its %s', async (algorithm, value) => {
    const put = new PutObjectCommand({ Bucket, Key: 'other', Body: 'other', [`Checksum${algorithm}`]: value });

    await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(headOf('other')).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('an object that was put without a checksum gets a CRC64NVME', async () => {
    const plain = new S3Client({ ...test.client(), requestChecksumCalculation: 'WHEN_REQUIRED' });
    await plain.send(new PutObjectCommand({ Bucket, Key: 'plain', Body }));

    expect(await headOf('plain')).toMatchObject({ ChecksumCRC64NVME: base64('ae8b14860a799888') });
  });

  it('a copy keeps the checksum of its source', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body, ChecksumAlgorithm: 'CRC32C' }));
    const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` }));

    expect(copy.CopyObjectResult).toMatchObject({ ChecksumCRC32C: base64('e3069283') });
    expect(await headOf('copy')).toMatchObject({ ChecksumCRC32C: base64('e3069283') });
  });

  it('GetObject and HeadObject tell a checksum only when they are asked for it, and not with a part of the object', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'asked', Body, ChecksumAlgorithm: 'CRC32' }));
    const whole = await s3.send(new HeadObjectCommand({ Bucket, Key: 'asked' }));
    const part = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'asked', Range: 'bytes=0-3', ChecksumMode: 'ENABLED' }),
    );

    expect(whole.ChecksumCRC32).toBeUndefined();
    expect(part.ChecksumCRC32).toBeUndefined();
  });

  it.each([
    ['two checksums', { ChecksumCRC32: 'y/Q5Jg==', ChecksumCRC32C: '4waSgw==' }],
    ['a checksum of the wrong length', { ChecksumCRC32C: 'y/Q5' }],
  ])('PutObject refuses %s', async (_name, checksums) => {
    const put = new PutObjectCommand({ Bucket, Key: 'refused', Body, ...checksums });

    await expect(s3.send(put)).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});
