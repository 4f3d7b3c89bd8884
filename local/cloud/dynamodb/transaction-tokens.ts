/** ClientRequestToken: the same request sent again within ten minutes is answered and not done again. */
import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../service.ts';

const keptMilliseconds = 10 * 60_000;

export interface TransactionTokens {
  /**
   * Whether this very request has been done.
   * @throws ServiceError IdempotentParameterMismatchException for a token that came with another request
   */
  isDone(token: string | undefined, request: unknown): boolean;
  done(token: string | undefined, request: unknown): void;
}

export function createTransactionTokens(now: () => number = Date.now): TransactionTokens {
  const known = new Map<string, { readonly request: unknown; readonly until: number }>();
  return {
    isDone(token, request) {
      for (const [name, { until }] of known) if (until <= now()) known.delete(name);
      const earlier = token === undefined ? undefined : known.get(token);
      if (earlier === undefined) return false;
      if (isDeepStrictEqual(earlier.request, request)) return true;
      throw new ServiceError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
      );
    },
    done(token, request) {
      if (token !== undefined) known.set(token, { request, until: now() + keptMilliseconds });
    },
  };
}
