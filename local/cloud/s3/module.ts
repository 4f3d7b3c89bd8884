import { s3ArnOf } from '../arns.ts';
import type { AssetCatalog } from '../assets/catalog.ts';
import { decide } from '../iam/decision.ts';
import { type Input, parseInput } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { bucketOperations } from './bucket-operations.ts';
import { createBuckets } from './bucket-store.ts';
import { deleteManyInput } from './inputs.ts';
import { objectOperations } from './object-operations.ts';
import { s3Rest } from './rest.ts';

/** IAM actions that have another name than the operation. */
const actionNames: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBuckets',
  HeadBucket: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  DeleteObjects: 'DeleteObject',
};

/** S3: buckets without versions, objects that fit in memory. */
export function createS3Module(core: CloudCore, assets: AssetCatalog): CloudModule {
  const { buckets, providers } = createBuckets(core, assets);
  const actionOf = (operation: string) => actionNames[operation] ?? operation;

  function resourcesOf(operation: string, input: Input): readonly string[] {
    const bucket = String(input['Bucket']);
    if (operation === 'ListBuckets') return [];
    if (actionOf(operation) === 'ListBucket') return [s3ArnOf(bucket)];
    if (operation !== 'DeleteObjects') return [s3ArnOf(bucket, String(input['Key']))];
    return parseInput('s3', deleteManyInput, input).Delete.Objects.map(({ Key }) => s3ArnOf(bucket, Key));
  }

  /** Whether a bucket policy allows the call to everyone. The policy's other statements are not evaluated. */
  function isPublic(operation: string, input: Input): boolean {
    const policy = buckets.get(String(input['Bucket']))?.policy ?? [];
    const forEveryone = policy.filter(({ principals }) => principals['AWS']?.includes('*'));
    const [resource] = resourcesOf(operation, input);
    if (resource === undefined) return false;
    const access = { action: `s3:${actionOf(operation)}`, resource, context: { 'aws:SecureTransport': 'true' } };
    return decide(forEveryone, access) === 'allowed';
  }

  return {
    services: [
      {
        name: 's3',
        operations: { ...bucketOperations(buckets), ...objectOperations(core, buckets) },
        actionOf,
        resourcesOf,
        isPublic,
        rest: s3Rest,
      },
    ],
    providers,
  };
}
