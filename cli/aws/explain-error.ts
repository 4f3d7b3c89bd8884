/** An error of the AWS SDK: every service error has `$metadata`, some of the SDK's own have just a name or a system code. */
interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

const noCredentials = new Set(['CredentialsProviderError', 'TokenProviderError']);
const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
const notAccepted = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const denied = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);
const throttled = new Set(['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'TooManyRequestsException']);
const unreachable = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);
const timedOut = new Set(['ETIMEDOUT', 'TimeoutError']);

/** The caller is known, but lacks a permission. */
export function isAccessDenied({ name }: AwsError): boolean {
  return denied.has(name);
}

/** @returns one line: what went wrong between here and AWS, and what to do next; undefined for any other error. */
export function explainAwsError(error: AwsError): string | undefined {
  const { name, code = '' } = error;
  const message = firstLine(error.message);
  if (noCredentials.has(name)) {
    return /expired/i.test(message)
      ? `AWS credentials: ${message} Sign in again, for example: aws sso login`
      : `AWS credentials: ${message}; sign in (aws configure, aws sso login) or choose an existing profile with --profile`;
  }
  if (expired.has(name)) return 'the AWS credentials have expired; sign in again, for example: aws sso login';
  if (notAccepted.has(name)) {
    return `AWS does not accept the credentials (${name}: ${message}); check the keys, --profile and this machine's clock`;
  }
  if (isAccessDenied(error)) {
    return `AWS denies this: ${message}; use a profile with that permission (--profile)`;
  }
  if (throttled.has(name)) return `AWS limits the rate of calls (${name}); run it again in a minute`;
  if (name === 'Error' && message.includes('Region is missing')) {
    return 'no AWS region; set region in cluster.config.ts or pass --region';
  }
  if (unreachable.has(code)) {
    return `${hostOf(error)} cannot be reached (${code}); check the network, the proxy and the region`;
  }
  // A DOMException of this name comes from AbortSignal.timeout(), not from the AWS SDK.
  if ((timedOut.has(name) && !(error instanceof DOMException)) || timedOut.has(code)) {
    return `${hostOf(error)} did not answer in time (${message || code}); check the network and the proxy, then run it again`;
  }
  return error.$metadata === undefined ? undefined : `AWS: ${name}: ${message}`;
}

function hostOf({ hostname, address, port }: AwsError): string {
  return hostname ?? (address === undefined ? 'AWS' : `${address}:${port}`);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
