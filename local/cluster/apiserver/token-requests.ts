/** The TokenRequest subresource of service accounts. */
import { types } from '../apimachinery/builtin-types.ts';
import { badRequest } from '../apimachinery/errors.ts';
import type { Client } from '../client/client.ts';
import type { RequestToken } from '../client/token-request.ts';
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts';

const minExpirationSeconds = 600;

export function createTokenRequests(client: Client, tokens: ServiceAccountTokens): RequestToken {
  return async (request) => {
    const { namespace, serviceAccountName, expirationSeconds } = request;
    const { metadata } = client.get(types.serviceAccounts, namespace, serviceAccountName);
    if (expirationSeconds < minExpirationSeconds) {
      throw badRequest(
        `spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`,
      );
    }
    return tokens.issue(request, metadata.uid);
  };
}
