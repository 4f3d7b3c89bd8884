import { readFile } from 'node:fs/promises';
import type { AssetCatalog } from '../assets/catalog.ts';
import { zipFolder } from '../assets/zip.ts';
import { checksumOf } from '../protocols/checksum.ts';
import type { Bucket } from './bucket.ts';
import { defaultContentType } from './inputs.ts';

/**
 * The CDK's bucket of file assets. An asset that `cdk deploy` would have uploaded is put when it is first read.
 * @param bucket keeps the assets that have been read
 */
export function createAssetBucket(bucket: Bucket, assets: AssetCatalog): Bucket {
  const uploads = new Map<string, Promise<void>>();
  const upload = async (key: string): Promise<void> => {
    const asset = assets.files.find((file) => file.bucket === bucket.name && file.key === key);
    if (asset === undefined) return;
    const body = asset.packaging === 'zip' ? await zipFolder(asset.path) : await readFile(asset.path);
    await bucket.put(key, body, {
      contentType: defaultContentType,
      headers: {},
      checksum: await checksumOf('crc32', body),
    });
  };
  const uploadOnce = (key: string): Promise<void> => {
    const uploading = uploads.get(key) ?? upload(key);
    uploads.set(key, uploading);
    return uploading;
  };
  return {
    ...bucket,
    head: async (key) => {
      await uploadOnce(key);
      return bucket.head(key);
    },
  };
}
