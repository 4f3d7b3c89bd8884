/**
 * ClientRequestToken: a transaction that is sent again within ten minutes succeeds without being executed again.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../service-error.ts';

const ttlMilliseconds = 10 * 60_000;

export interface IdempotencyTokens {
  /**
   * Whether a request with this token and content has been executed.
   * @throws ServiceError IdempotentParameterMismatchException for a token that was used with another request
   */
  wasExecuted(token: string | undefined, request: unknown): boolean;
  /** Remembers an executed request. */
  add(token: string | undefined, request: unknown): void;
}

export function createIdempotencyTokens(now: () => number = Date.now): IdempotencyTokens {
  const executed = new Map<string, { readonly request: unknown; readonly expiresAt: number }>();
  return {
    wasExecuted(token, request) {
      for (const [name, { expiresAt }] of executed) if (expiresAt <= now()) executed.delete(name);
      const earlier = token === undefined ? undefined : executed.get(token);
      if (earlier === undefined) return false;
      if (isDeepStrictEqual(earlier.request, request)) return true;
      throw new ServiceError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
      );
    },
    add(token, request) {
      if (token !== undefined) executed.set(token, { request, expiresAt: now() + ttlMilliseconds });
    },
  };
}
