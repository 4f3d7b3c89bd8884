import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Statement } from '../iam/policy-document.ts';
import { type GivenMetadata, metadataOf, type ObjectMetadata } from './object-metadata.ts';

/** File names may have 255 bytes, S3 keys 1,024: longer keys are hashed. */
const maxFileNameLength = 200;

export interface Bucket {
  readonly name: string;
  /** Statements of the bucket policy; empty without one. */
  policy: readonly Statement[];
  /** In UTF-8 binary order, as S3 lists them. */
  keys(): readonly string[];
  /** undefined: there is no such object. */
  head(key: string): Promise<ObjectMetadata | undefined>;
  body(key: string): Promise<Buffer>;
  put(key: string, body: Buffer, given: GivenMetadata): Promise<ObjectMetadata>;
  delete(key: string): Promise<void>;
}

/** A bucket whose objects are files in a folder. */
export function createBucket(name: string, folder: string): Bucket {
  const objects = new Map<string, ObjectMetadata>();
  const fileOf = (key: string) => {
    const encoded = encodeURIComponent(key);
    const isLong = encoded.length > maxFileNameLength;
    return path.join(folder, `_${isLong ? createHash('sha256').update(key).digest('hex') : encoded}`);
  };
  return {
    name,
    policy: [],
    keys: () => [...objects.keys()].sort(byBytes),
    head: async (key) => objects.get(key),
    body: (key) => readFile(fileOf(key)),
    put: async (key, body, given) => {
      await mkdir(folder, { recursive: true });
      await writeFile(fileOf(key), body);
      const metadata = metadataOf(key, body, given);
      objects.set(key, metadata);
      return metadata;
    },
    delete: async (key) => {
      objects.delete(key);
      await rm(fileOf(key), { force: true });
    },
  };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
