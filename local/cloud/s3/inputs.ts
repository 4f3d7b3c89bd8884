/**
 * Inputs of S3 operations.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { z } from 'zod';
import type { BodyChecksum } from '../protocols/checksum.ts';

export const maxListedKeys = 1000;
export const defaultContentType = 'binary/octet-stream';

export const bucketInput = z.object({ Bucket: z.string() });

export const listInput = bucketInput.extend({
  Prefix: z.string().default(''),
  Delimiter: z.string().default(''),
  MaxKeys: z.coerce
    .number()
    .default(maxListedKeys)
    .transform((count) => Math.min(count, maxListedKeys)),
  StartAfter: z.string().default(''),
  ContinuationToken: z.string().optional(),
});

const objectInput = bucketInput.extend({ Key: z.string() });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
const preconditions = z.object({
  IfMatch: z.string().optional(),
  IfNoneMatch: z.string().optional(),
  IfModifiedSince: z.coerce.date().optional(),
  IfUnmodifiedSince: z.coerce.date().optional(),
});

export type Preconditions = z.output<typeof preconditions>;

export const readInput = objectInput.extend({
  ...preconditions.shape,
  /** e.g. 'bytes=0-99' */
  Range: z.string().optional(),
  ChecksumMode: z.string().optional(),
});

/** In-process callers may pass text. */
const body = z.union([z.instanceof(Uint8Array), z.string()]).default('');

export const putInput = objectInput.extend({
  ...preconditions.shape,
  Body: body.transform((content) => Buffer.from(content)),
  ContentType: z.string().default(defaultContentType),
  /** Verified; undefined without one. */
  Checksum: z.custom<BodyChecksum>().optional(),
  /** Headers that are stored with the object. */
  Headers: z.record(z.string(), z.string()).default({}),
});

/** `CopySource` is '<bucket>/<key>', URL-encoded. */
export const copyInput = objectInput.extend({ CopySource: z.string().transform(decodeURIComponent) });

export const deleteInput = objectInput;

export const deleteManyInput = bucketInput.extend({
  Delete: z.object({ Objects: z.array(z.object({ Key: z.string() })), Quiet: z.boolean().default(false) }),
});
