/** Operations on objects. Bodies are Buffers, also for in-process callers. */
import { s3ArnOf } from '../arns.ts';
import { type Operation, operation, type ServiceRequest } from '../operation.ts';
import { type BodyChecksum, checksumOf } from '../protocols/checksum.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { Bucket } from './bucket.ts';
import { type BucketStore, requireBucket } from './bucket-store.ts';
import { copyInput, deleteInput, deleteManyInput, putInput, readInput } from './inputs.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import { checkReadPreconditions, checkWritePreconditions } from './preconditions.ts';
import { rangeOf } from './range.ts';

export function objectOperations(core: CloudCore, buckets: BucketStore): Readonly<Record<string, Operation>> {
  /**
   * @throws ServiceError NoSuchKey; AccessDenied for a caller who may not list the bucket and so must not learn which keys exist
   */
  async function find(bucket: Bucket, key: string, { caller }: ServiceRequest): Promise<ObjectMetadata> {
    const object = await bucket.head(key);
    if (object !== undefined) return object;
    if (caller.principal.kind === 'anonymous') throw new ServiceError('AccessDenied', 'Access Denied', 403);
    core.authorize(caller, 's3:ListBucket', s3ArnOf(bucket.name));
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  return {
    HeadObject: operation(readInput, async (input, request) => {
      const object = await find(requireBucket(buckets, input.Bucket), input.Key, request);
      checkReadPreconditions(object, input);
      return { ...describe(object), ContentLength: object.size, ...checksumFor(object, input.ChecksumMode) };
    }),

    GetObject: operation(readInput, async (input, request) => {
      const bucket = requireBucket(buckets, input.Bucket);
      const object = await find(bucket, input.Key, request);
      checkReadPreconditions(object, input);
      const body = await bucket.body(object.key);
      const range = rangeOf(input.Range, object.size);
      if (range === undefined) {
        const checksum = checksumFor(object, input.ChecksumMode);
        return { ...describe(object), ContentLength: object.size, ...checksum, Body: body };
      }
      const { first, last } = range;
      return {
        ...describe(object),
        ContentLength: last - first + 1,
        ContentRange: `bytes ${first}-${last}/${object.size}`,
        Body: body.subarray(first, last + 1),
      };
    }),

    PutObject: operation(putInput, async (input) => {
      const bucket = requireBucket(buckets, input.Bucket);
      checkWritePreconditions(await bucket.head(input.Key), input);
      const checksum = input.Checksum ?? (await checksumOf(defaultChecksum, input.Body));
      const { etag } = await bucket.put(input.Key, input.Body, {
        contentType: input.ContentType,
        headers: input.Headers,
        checksum,
      });
      return { ETag: etag, Checksum: checksum };
    }),

    CopyObject: operation(copyInput, async (input, request) => {
      const [sourceBucket = '', ...sourceKey] = input.CopySource.replace(/^\//, '').split('/');
      const key = sourceKey.join('/');
      core.authorize(request.caller, 's3:GetObject', s3ArnOf(sourceBucket, key));
      const source = requireBucket(buckets, sourceBucket);
      const { contentType, headers, checksum } = await find(source, key, request);
      const target = requireBucket(buckets, input.Bucket);
      const copy = await target.put(input.Key, await source.body(key), { contentType, headers, checksum });
      const result = { ETag: copy.etag, LastModified: copy.lastModified };
      return {
        CopyObjectResult: { ...result, ChecksumType: 'FULL_OBJECT', [checksumMember(checksum)]: checksum.value },
      };
    }),

    DeleteObject: operation(deleteInput, async ({ Bucket, Key }) => {
      await requireBucket(buckets, Bucket).delete(Key);
      return {};
    }),

    DeleteObjects: operation(deleteManyInput, async ({ Bucket, Delete: { Objects, Quiet } }) => {
      const bucket = requireBucket(buckets, Bucket);
      for (const { Key } of Objects) await bucket.delete(Key);
      return { Deleted: Quiet ? [] : Objects };
    }),
  };
}

/** What S3 computes for an object that came without a checksum. */
const defaultChecksum = 'crc64nvme';

/** Only who asks for it gets it, and not with a part of the object. */
function checksumFor({ checksum }: ObjectMetadata, mode: string | undefined): { Checksum?: BodyChecksum } {
  return mode === 'ENABLED' ? { Checksum: checksum } : {};
}

/** Such as ChecksumCRC32C. */
function checksumMember({ algorithm }: BodyChecksum): string {
  return `Checksum${algorithm.toUpperCase()}`;
}

function describe(object: ObjectMetadata): object {
  return {
    ETag: object.etag,
    LastModified: object.lastModified,
    ContentType: object.contentType,
    AcceptRanges: 'bytes',
    Headers: object.headers,
  };
}
