/** The buckets of the template and the CDK's asset buckets. */
import path from 'node:path';
import { z } from 'zod';
import { s3ArnOf } from '../arns.ts';
import type { AssetCatalog } from '../assets/catalog.ts';
import { policyDocument } from '../iam/policy-document.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { createAssetBucket } from './asset-bucket.ts';
import { type Bucket, createBucket } from './bucket.ts';

/** By bucket name. */
export type BucketStore = ReadonlyMap<string, Bucket>;

const maxBucketNameLength = 63;

const bucketProperties = z.object({ BucketName: z.string().optional() });
const bucketPolicyProperties = z.object({ Bucket: z.string(), PolicyDocument: policyDocument });

/** @throws ServiceError NoSuchBucket */
export function requireBucket(buckets: BucketStore, name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  return bucket;
}

export function createBuckets(
  core: CloudCore,
  assets: AssetCatalog,
): { readonly buckets: BucketStore; readonly providers: readonly ResourceProvider[] } {
  const buckets = new Map<string, Bucket>();
  const newBucket = (name: string) => createBucket(name, path.join(core.context.root, 's3', name));
  for (const name of new Set(assets.files.map(({ bucket }) => bucket))) {
    buckets.set(name, createAssetBucket(newBucket(name), assets));
  }

  const providers = [
    provider('AWS::S3::Bucket', bucketProperties, ({ logicalId, properties: { BucketName } }) => {
      const name = BucketName ?? physicalName(core.options.stackName, logicalId, maxBucketNameLength).toLowerCase();
      buckets.set(name, newBucket(name));
      const attributes = {
        Arn: s3ArnOf(name),
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${core.region}.amazonaws.com`,
      };
      return { ref: name, attributes };
    }),

    provider('AWS::S3::BucketPolicy', bucketPolicyProperties, ({ logicalId, properties }) => {
      requireBucket(buckets, properties.Bucket).policy = properties.PolicyDocument;
      return { ref: logicalId };
    }),
  ];
  return { buckets, providers };
}
