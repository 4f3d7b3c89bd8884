/** Who sends a request: a client certificate, a service account token or a bootstrap token says so. */
import type { TLSSocket } from 'node:tls';
import {
  bootstrapSecretName,
  bootstrapTokenGroups,
  bootstrapTokenId,
  bootstrapTokenNamespace,
  holdsBootstrapToken,
  isBootstrapTokenExpired,
} from '#local/cluster/apimachinery/bootstrap-token.ts';
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { unauthorized } from '#local/cluster/apimachinery/errors.ts';
import type { Client } from '#local/cluster/client/client.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const authenticatedGroup = 'system:authenticated';
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * A request without credentials comes from the anonymous user.
 * @param now Unix milliseconds: certificates and tokens end by the twin's clock
 * @throws ApiError Unauthorized for wrong credentials
 */
export async function authenticate(
  socket: TLSSocket,
  authorization: string | undefined,
  tokens: ServiceAccountTokens,
  client: Client,
  now: number,
): Promise<User> {
  const certificate = socket.getPeerCertificate();
  if (certificate?.subject) {
    if (!socket.authorized || Date.parse(certificate.valid_to) <= now) throw unauthorized();
    const { CN: name, O: organizations } = certificate.subject;
    const groups = organizations === undefined ? [] : [organizations].flat();
    return { name: String(name), groups: [...groups, authenticatedGroup] };
  }
  if (authorization === undefined) return anonymous;
  const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw unauthorized();
  return (await serviceAccountUser(token, tokens, client)) ?? bootstrapUser(token, client, now);
}

async function serviceAccountUser(
  token: string,
  tokens: ServiceAccountTokens,
  client: Client,
): Promise<User | undefined> {
  const isJwt = token.split('.').length === 3;
  const account = isJwt ? await tokens.verify(token) : undefined;
  if (!account || !client.find(types.serviceAccounts, account.namespace, account.name)) return undefined;
  return {
    name: `system:serviceaccount:${account.namespace}:${account.name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, authenticatedGroup],
  };
}

function bootstrapUser(token: string, client: Client, now: number): User {
  const secret = client.find(types.secrets, bootstrapTokenNamespace, bootstrapSecretName(token));
  if (!secret || !holdsBootstrapToken(secret, token) || isBootstrapTokenExpired(secret, now)) throw unauthorized();
  return {
    name: `system:bootstrap:${bootstrapTokenId(token)}`,
    groups: [...bootstrapTokenGroups(secret), authenticatedGroup],
  };
}
