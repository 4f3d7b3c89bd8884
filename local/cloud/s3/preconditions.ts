/** Conditional requests. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
import { ServiceError } from '../service.ts';
import type { ObjectHead } from './object.ts';

export interface Preconditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: string;
  readonly IfUnmodifiedSince?: string;
}

/** For reads. @throws ServiceError PreconditionFailed (412) or NotModified (304) */
export function checkPreconditions(head: ObjectHead, conditions: Preconditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch === undefined ? isNewer(head, IfUnmodifiedSince) === true : !matches(head, IfMatch)) {
    throw preconditionFailed();
  }
  if (IfNoneMatch === undefined ? isNewer(head, IfModifiedSince) === false : matches(head, IfNoneMatch)) {
    throw new ServiceError('NotModified', 'Not Modified', 304);
  }
}

/** For writes: `If-None-Match: *` never overwrites, `If-Match` overwrites only what the caller has read. */
export function assertMayPut(head: ObjectHead | undefined, { IfMatch, IfNoneMatch }: Preconditions): void {
  if (IfNoneMatch === '*' && head !== undefined) throw preconditionFailed();
  if (IfMatch === undefined) return;
  if (head === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  if (!matches(head, IfMatch)) throw preconditionFailed();
}

function matches({ etag }: ObjectHead, wanted: string): boolean {
  return wanted === '*' || wanted.split(',').some((tag) => tag.trim().replaceAll('"', '') === etag.replaceAll('"', ''));
}

function isNewer({ lastModified }: ObjectHead, date: string | undefined): boolean | undefined {
  return date === undefined ? undefined : lastModified.getTime() > new Date(date).getTime();
}

function preconditionFailed(): ServiceError {
  return new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}
