/**
 * Operations on objects. In-process callers get and give `Body` as a Buffer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */

import { checksum } from '../protocols/body.ts';
import type { CloudCore, Operation, ServiceRequest } from '../service.ts';
import { ServiceError } from '../service.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectHead } from './object.ts';
import { assertMayPut, checkPreconditions } from './preconditions.ts';
import { rangeOf } from './range.ts';
import { type BucketStore, requireBucket } from './store.ts';

export function objectOperations(core: CloudCore, buckets: BucketStore): Record<string, Operation> {
  /** Whoever may not list a bucket is not told that a key is missing. */
  async function find(bucket: Bucket, key: string, { caller }: ServiceRequest): Promise<ObjectHead> {
    const head = await bucket.head(key);
    if (head !== undefined) return head;
    if (caller.principal.kind === 'anonymous') throw new ServiceError('AccessDenied', 'Access Denied', 403);
    core.authorize(caller, 's3:ListBucket', `arn:aws:s3:::${bucket.name}`);
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  const headObject: Operation = async (input, request) => {
    const head = await find(requireBucket(buckets, input.Bucket), input.Key, request);
    checkPreconditions(head, input);
    return { ...describe(head), ContentLength: head.size };
  };

  const getObject: Operation = async (input, request) => {
    const bucket = requireBucket(buckets, input.Bucket);
    const head = await find(bucket, input.Key, request);
    checkPreconditions(head, input);
    const whole = await bucket.body(head.key);
    const range = rangeOf(input.Range, head.size);
    if (range === undefined) {
      const sum = input.ChecksumMode === 'ENABLED' ? { ChecksumCRC32: checksum('crc32', whole) } : {};
      return { ...describe(head), ContentLength: head.size, ...sum, Body: whole };
    }
    const { first, last } = range;
    return {
      ...describe(head),
      ContentLength: last - first + 1,
      ContentRange: `bytes ${first}-${last}/${head.size}`,
      Body: whole.subarray(first, last + 1),
    };
  };

  const putObject: Operation = async (input) => {
    const bucket = requireBucket(buckets, input.Bucket);
    assertMayPut(await bucket.head(input.Key), input);
    const body = Buffer.from(input.Body ?? '');
    const head = await bucket.put(input.Key, body, { contentType: input.ContentType, headers: input.Headers ?? {} });
    return { ETag: head.etag, ChecksumCRC32: checksum('crc32', body) };
  };

  const copyObject: Operation = async (input, request) => {
    const [sourceBucket, ...sourceKey] = decodeURIComponent(input.CopySource).replace(/^\//, '').split('/');
    const key = sourceKey.join('/');
    core.authorize(request.caller, 's3:GetObject', `arn:aws:s3:::${sourceBucket}/${key}`);
    const source = requireBucket(buckets, sourceBucket);
    const { contentType, headers } = await find(source, key, request);
    const head = await requireBucket(buckets, input.Bucket).put(input.Key, await source.body(key), {
      contentType,
      headers,
    });
    return { CopyObjectResult: { ETag: head.etag, LastModified: head.lastModified } };
  };

  return {
    HeadObject: headObject,
    GetObject: getObject,
    PutObject: putObject,
    CopyObject: copyObject,
    DeleteObject: async (input) => {
      await requireBucket(buckets, input.Bucket).delete(input.Key);
      return {};
    },
    DeleteObjects: async (input) => {
      const bucket = requireBucket(buckets, input.Bucket);
      const keys: readonly string[] = input.Delete.Objects.map(({ Key }: { Key: string }) => Key);
      for (const key of keys) await bucket.delete(key);
      return { Deleted: input.Delete.Quiet ? [] : keys.map((Key) => ({ Key })) };
    },
  };
}

function describe(head: ObjectHead) {
  return {
    ETag: head.etag,
    LastModified: head.lastModified,
    ContentType: head.contentType,
    AcceptRanges: 'bytes',
    Headers: head.headers,
  };
}
