/** Conditional requests. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
import { ServiceError } from '../service-error.ts';
import type { Preconditions } from './inputs.ts';
import type { ObjectMetadata } from './object-metadata.ts';

/** An ETag takes precedence over a date. @throws ServiceError PreconditionFailed (412) or NotModified (304) */
export function checkReadPreconditions(object: ObjectMetadata, conditions: Preconditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch === undefined ? isNewer(object, IfUnmodifiedSince) === true : !matches(object, IfMatch)) {
    throw preconditionFailed();
  }
  if (IfNoneMatch === undefined ? isNewer(object, IfModifiedSince) === false : matches(object, IfNoneMatch)) {
    throw new ServiceError('NotModified', 'Not Modified', 304);
  }
}

/**
 * `If-None-Match: *` never overwrites an object; `If-Match` overwrites only the one that the caller has read.
 * @param object undefined: there is no object yet
 * @throws ServiceError PreconditionFailed (412), NoSuchKey, NotImplemented (501) for If-None-Match with an ETag
 */
export function checkWritePreconditions(
  object: ObjectMetadata | undefined,
  { IfMatch, IfNoneMatch }: Preconditions,
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*')
    throw new ServiceError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    );
  if (IfNoneMatch === '*' && object !== undefined) throw preconditionFailed();
  if (IfMatch === undefined) return;
  if (object === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  if (!matches(object, IfMatch)) throw preconditionFailed();
}

function matches({ etag }: ObjectMetadata, condition: string): boolean {
  const unquoted = (tag: string) => tag.trim().replaceAll('"', '');
  return condition === '*' || condition.split(',').some((tag) => unquoted(tag) === unquoted(etag));
}

/** @returns undefined without a date */
function isNewer({ lastModified }: ObjectMetadata, date: Date | undefined): boolean | undefined {
  return date === undefined ? undefined : lastModified.getTime() > date.getTime();
}

function preconditionFailed(): ServiceError {
  return new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}
