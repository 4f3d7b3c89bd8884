import { createHash } from 'node:crypto';

/** What S3 keeps beside an object's bytes. */
export interface ObjectHead {
  readonly key: string;
  readonly size: number;
  /** Quoted MD5. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string;
  /** Headers given back as they were put: Cache-Control, Content-Disposition, Content-Encoding, x-amz-meta-*. */
  readonly headers: Readonly<Record<string, string>>;
}

export function headOf(
  key: string,
  body: Buffer,
  {
    contentType = 'binary/octet-stream',
    headers = {},
  }: { contentType?: string | undefined; headers?: Readonly<Record<string, string>> },
): ObjectHead {
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  // HTTP dates have whole seconds: a client compares what it was told with what is kept.
  const lastModified = new Date(Math.floor(Date.now() / 1000) * 1000);
  return { key, size: body.length, etag, lastModified, contentType, headers };
}
