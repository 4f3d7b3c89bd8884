import { createHash } from 'node:crypto';
import type { BodyChecksum } from '../protocols/checksum.ts';

/** What S3 keeps of an object besides its bytes. */
export interface ObjectMetadata {
  readonly key: string;
  readonly size: number;
  /** Quoted MD5. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string;
  /** Headers that are returned as they were put: Cache-Control, Content-Disposition, Content-Encoding, x-amz-meta-*. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: BodyChecksum;
}

export type GivenMetadata = Pick<ObjectMetadata, 'contentType' | 'headers' | 'checksum'>;

export function metadataOf(key: string, body: Buffer, given: GivenMetadata): ObjectMetadata {
  return {
    key,
    size: body.length,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    // HTTP dates have whole seconds: conditional requests compare a date that the client has from a header.
    lastModified: new Date(Math.floor(Date.now() / 1000) * 1000),
    ...given,
  };
}
