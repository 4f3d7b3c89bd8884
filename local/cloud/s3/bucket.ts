/** One bucket: its objects are files of the twin's folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Statement } from '../iam/policy-document.ts';
import { headOf, type ObjectHead } from './object.ts';

/** File systems end at 255 bytes a name, S3 keys at 1,024. */
const longestFileName = 200;

export interface Bucket {
  readonly name: string;
  /** The bucket policy; empty until the template sets one. */
  policy: readonly Statement[];
  /** Keys in S3's order. */
  keys(): readonly string[];
  head(key: string): Promise<ObjectHead | undefined>;
  body(key: string): Promise<Buffer>;
  put(key: string, body: Buffer, details: Parameters<typeof headOf>[2]): Promise<ObjectHead>;
  delete(key: string): Promise<void>;
}

export function createBucket(name: string, folder: string): Bucket {
  const heads = new Map<string, ObjectHead>();
  const fileOf = (key: string) => {
    const encoded = encodeURIComponent(key);
    const isLong = encoded.length > longestFileName;
    return path.join(folder, `_${isLong ? createHash('sha256').update(key).digest('hex') : encoded}`);
  };
  return {
    name,
    policy: [],
    keys: () => [...heads.keys()].sort(byBytes),
    head: async (key) => heads.get(key),
    body: (key) => readFile(fileOf(key)),
    put: async (key, body, details) => {
      await mkdir(folder, { recursive: true });
      await writeFile(fileOf(key), body);
      const head = headOf(key, body, details);
      heads.set(key, head);
      return head;
    },
    delete: async (key) => {
      heads.delete(key);
      await rm(fileOf(key), { force: true });
    },
  };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
