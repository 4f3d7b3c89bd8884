import { AwsUnavailableError } from './errors.ts';

interface ClientError extends Error {
  /** Present when the service answered. */
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Node's error code, e.g. ECONNRESET. */
  readonly code?: string;
}

const throttling = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|^SlowDown$/i;
const network = /^(?:E(?:CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT|AI_AGAIN)|UND_ERR)/;

/**
 * Turns what an AWS client throws after its last attempt into AwsUnavailableError if repeating later may work; returns other
 * errors unchanged. Each service has its own names for throttling and internal failures: a state machine's Retry could not
 * list them all.
 */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || !isRetryable(error)) return error;
  const { name, code, message } = error as ClientError;
  return new AwsUnavailableError(`${code ?? name}: ${message}`, { cause: error });
}

function isRetryable({ name, code, $metadata }: ClientError): boolean {
  if ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode >= 500) return true;
  return name === 'TimeoutError' || throttling.test(name) || (code !== undefined && network.test(code));
}
