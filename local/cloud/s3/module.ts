import type { AssetCatalog } from '../assets/catalog.ts';
import { decide } from '../iam/decision.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { bucketOperations } from './buckets.ts';
import { objectOperations } from './objects.ts';
import { s3Rest } from './rest.ts';
import { createBuckets } from './store.ts';

/** IAM actions whose name is not the operation's. */
const actions: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBuckets',
  HeadBucket: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  DeleteObjects: 'DeleteObject',
};

/** S3: buckets without versions, objects up to what fits in memory. */
export function createS3Module(core: CloudCore, assets: AssetCatalog): CloudModule {
  const { buckets, providers } = createBuckets(core, assets);
  const actionOf = (operation: string) => actions[operation] ?? operation;

  function resourcesOf(operation: string, input: Readonly<Record<string, unknown>>): readonly string[] {
    const bucketArn = `arn:aws:s3:::${input['Bucket']}`;
    if (operation === 'ListBuckets') return [];
    if (actionOf(operation) === 'ListBucket') return [bucketArn];
    if (operation !== 'DeleteObjects') return [`${bucketArn}/${input['Key']}`];
    const { Objects } = input['Delete'] as { readonly Objects: readonly { readonly Key: string }[] };
    return Objects.map(({ Key }) => `${bucketArn}/${Key}`);
  }

  /** What a bucket policy opens to everyone; its other statements are not evaluated. */
  function isPublic(operation: string, input: Readonly<Record<string, unknown>>): boolean {
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
