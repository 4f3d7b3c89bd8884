import { AwsUnavailableError } from './errors.ts';

interface ClientError extends Error {
  /** Of an answer. */
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Of the network. */
  readonly code?: string;
}

const throttling = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|^SlowDown$/i;
const network = /^(?:E(?:CONN|HOST|NET|NOTFOUND|PIPE|TIMEDOUT|AI_AGAIN)|UND_ERR)/;

/**
 * Every service has names of its own for the same thing, and a state machine cannot match them all: what an AWS client
 * throws after its last attempt becomes AwsUnavailableError when trying later may work. Other errors stay as they are.
 */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || !mayWorkLater(error)) return error;
  const { name, code, message } = error as ClientError;
  return new AwsUnavailableError(`${code ?? name}: ${message}`, { cause: error });
}

function mayWorkLater({ name, code, $metadata }: ClientError): boolean {
  if ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode >= 500) return true;
  return name === 'TimeoutError' || throttling.test(name) || (code !== undefined && network.test(code));
}
