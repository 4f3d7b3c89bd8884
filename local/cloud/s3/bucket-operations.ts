import type { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import type { Bucket } from './bucket.ts';
import { type BucketStore, requireBucket } from './bucket-store.ts';
import { bucketInput, listInput } from './inputs.ts';

export function bucketOperations(buckets: BucketStore): Readonly<Record<string, Operation>> {
  return {
    ListBuckets: async () => ({ Buckets: { Bucket: [...buckets.keys()].map((Name) => ({ Name })) } }),

    HeadBucket: operation(bucketInput, ({ Bucket }) => {
      requireBucket(buckets, Bucket);
      return {};
    }),

    ListObjectsV2: operation(listInput, async (input) => {
      const bucket = requireBucket(buckets, input.Bucket);
      const { keys, prefixes, lastKey, isTruncated } = pageOf(bucket, input);
      const contents = await Promise.all(keys.map((key) => bucket.head(key)));
      return {
        Name: bucket.name,
        Prefix: input.Prefix,
        ...(input.Delimiter === '' ? {} : { Delimiter: input.Delimiter }),
        MaxKeys: input.MaxKeys,
        KeyCount: keys.length + prefixes.length,
        IsTruncated: isTruncated,
        ...(isTruncated ? { NextContinuationToken: encodeToken(lastKey) } : {}),
        Contents: contents
          .filter((object) => object !== undefined)
          .map((object) => ({
            Key: object.key,
            LastModified: object.lastModified,
            ETag: object.etag,
            Size: object.size,
            StorageClass: 'STANDARD',
          })),
        CommonPrefixes: prefixes.map((Prefix) => ({ Prefix })),
      };
    }),
  };
}

interface KeyPage {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** The next page begins after it. */
  readonly lastKey: string;
  readonly isTruncated: boolean;
}

/** Keys that have the delimiter after the prefix are grouped into common prefixes. */
function pageOf(bucket: Bucket, input: z.output<typeof listInput>): KeyPage {
  const { Prefix, Delimiter, MaxKeys, StartAfter, ContinuationToken } = input;
  const after = ContinuationToken === undefined ? StartAfter : decodeToken(ContinuationToken);
  const keys: string[] = [];
  const prefixes = new Set<string>();
  let lastKey = '';
  for (const key of bucket.keys()) {
    if (!key.startsWith(Prefix) || key <= after) continue;
    const end = Delimiter === '' ? -1 : key.indexOf(Delimiter, Prefix.length);
    const commonPrefix = end < 0 ? undefined : key.slice(0, end + Delimiter.length);
    const isGrouped = commonPrefix !== undefined && prefixes.has(commonPrefix);
    if (!isGrouped && keys.length + prefixes.size >= MaxKeys) {
      return { keys, prefixes: [...prefixes], lastKey, isTruncated: true };
    }
    if (commonPrefix === undefined) keys.push(key);
    else prefixes.add(commonPrefix);
    lastKey = key;
  }
  return { keys, prefixes: [...prefixes], lastKey, isTruncated: false };
}

function encodeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws ServiceError InvalidArgument */
function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (key === '') throw new ServiceError('InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}
