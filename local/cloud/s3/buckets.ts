/** Operations on buckets. */
import type { Operation } from '../service.ts';
import { ServiceError } from '../service.ts';
import { type BucketStore, requireBucket } from './store.ts';

const mostKeys = 1000;

export function bucketOperations(buckets: BucketStore): Record<string, Operation> {
  return {
    ListBuckets: async () => ({ Buckets: { Bucket: [...buckets.keys()].map((Name) => ({ Name })) } }),
    HeadBucket: async (input) => {
      requireBucket(buckets, input.Bucket);
      return {};
    },
    ListObjectsV2: async (input) => {
      const bucket = requireBucket(buckets, input.Bucket);
      const { Prefix = '', Delimiter = '' } = input;
      const limit = Math.min(Number(input.MaxKeys ?? mostKeys), mostKeys);
      const after =
        input.ContinuationToken === undefined ? (input.StartAfter ?? '') : decodeToken(input.ContinuationToken);
      const keys: string[] = [];
      const prefixes = new Set<string>();
      let last = '';
      let isTruncated = false;
      for (const key of bucket.keys()) {
        if (!key.startsWith(Prefix) || key <= after) continue;
        const end = Delimiter === '' ? -1 : key.indexOf(Delimiter, Prefix.length);
        const common = end < 0 ? undefined : key.slice(0, end + Delimiter.length);
        if (common !== undefined && prefixes.has(common)) {
          last = key;
          continue;
        }
        if (keys.length + prefixes.size >= limit) {
          isTruncated = true;
          break;
        }
        if (common === undefined) keys.push(key);
        else prefixes.add(common);
        last = key;
      }
      const heads = await Promise.all(keys.map((key) => bucket.head(key)));
      return {
        Name: bucket.name,
        Prefix,
        ...(Delimiter === '' ? {} : { Delimiter }),
        MaxKeys: limit,
        KeyCount: keys.length + prefixes.size,
        IsTruncated: isTruncated,
        ...(isTruncated ? { NextContinuationToken: Buffer.from(last).toString('base64url') } : {}),
        Contents: heads
          .filter((head) => head !== undefined)
          .map((head) => ({
            Key: head.key,
            LastModified: head.lastModified,
            ETag: head.etag,
            Size: head.size,
            StorageClass: 'STANDARD',
          })),
        CommonPrefixes: [...prefixes].map((prefix) => ({ Prefix: prefix })),
      };
    },
  };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (key === '') throw new ServiceError('InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}
