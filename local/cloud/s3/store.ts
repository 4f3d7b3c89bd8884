/** The buckets of the template and the CDK's asset bucket. */
import path from 'node:path';
import type { AssetCatalog } from '../assets/catalog.ts';
import { parsePolicyDocument } from '../iam/policy-document.ts';
import { physicalName } from '../physical-name.ts';
import type { CloudCore, ResourceProvider, TemplateResource } from '../service.ts';
import { ServiceError } from '../service.ts';
import { createAssetBucket } from './asset-bucket.ts';
import { type Bucket, createBucket } from './bucket.ts';

export type BucketStore = ReadonlyMap<string, Bucket>;

const longestBucketName = 63;

/** @throws ServiceError NoSuchBucket */
export function requireBucket(buckets: BucketStore, name: unknown): Bucket {
  const bucket = buckets.get(String(name));
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

  function create({ logicalId, properties }: TemplateResource) {
    const name: string =
      properties.BucketName ?? physicalName(core.options.stackName, logicalId, longestBucketName).toLowerCase();
    buckets.set(name, newBucket(name));
    const attributes = {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${core.region}.amazonaws.com`,
    };
    return { ref: name, attributes };
  }

  function createPolicy({ logicalId, properties }: TemplateResource) {
    requireBucket(buckets, properties.Bucket).policy = parsePolicyDocument(properties.PolicyDocument);
    return { ref: logicalId };
  }

  const providers = [
    { type: 'AWS::S3::Bucket', create },
    { type: 'AWS::S3::BucketPolicy', create: createPolicy },
  ];
  return { buckets, providers };
}
