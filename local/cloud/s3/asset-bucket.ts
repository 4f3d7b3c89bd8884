/** The CDK's bucket of file assets: what `cdk deploy` would have uploaded, made when it is first read. */
import { readFile } from 'node:fs/promises';
import type { AssetCatalog } from '../assets/catalog.ts';
import { zipFolder } from '../assets/zip.ts';
import type { Bucket } from './bucket.ts';

/** @param uploads the bucket that keeps what was made */
export function createAssetBucket(uploads: Bucket, assets: AssetCatalog): Bucket {
  const made = new Map<string, Promise<void>>();
  const make = async (key: string): Promise<void> => {
    const asset = assets.files.find((file) => file.bucket === uploads.name && file.key === key);
    if (asset === undefined) return;
    const body = asset.packaging === 'zip' ? await zipFolder(asset.path) : await readFile(asset.path);
    await uploads.put(key, body, {});
  };
  const present = (key: string): Promise<void> => {
    const making = made.get(key) ?? make(key);
    made.set(key, making);
    return making;
  };
  return {
    ...uploads,
    head: async (key) => {
      await present(key);
      return uploads.head(key);
    },
  };
}
