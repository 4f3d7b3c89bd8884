/** Presigned URLs. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
import { ServiceError } from '../service-error.ts';

const maxExpiresSeconds = 604_800;

/**
 * @param now Unix milliseconds
 * @throws ServiceError AccessDenied for a URL whose time is over, AuthorizationQueryParametersError for one that can never be valid
 */
export function checkPresigned(query: URLSearchParams, now: number): void {
  if (!query.has('X-Amz-Signature')) return;
  const expiresSeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '') ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  if (Number.isNaN(expiresSeconds) || Number.isNaN(signedAt))
    throw refusal('X-Amz-Date and X-Amz-Expires must be given with X-Amz-Signature');
  if (expiresSeconds < 0) throw refusal('X-Amz-Expires must be non-negative');
  if (expiresSeconds > maxExpiresSeconds)
    throw refusal(`X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${maxExpiresSeconds} seconds`); // biome-ignore format: one line
  if (signedAt + expiresSeconds * 1000 < now) throw new ServiceError('AccessDenied', 'Request has expired', 403);
}

const refusal = (message: string) => new ServiceError('AuthorizationQueryParametersError', message);
