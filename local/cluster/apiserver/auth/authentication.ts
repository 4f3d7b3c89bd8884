/** Who a request comes from: a client certificate, a service account token or a bootstrap token. */
import type { TLSSocket } from 'node:tls';
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { unauthorized } from '#local/cluster/apimachinery/errors.ts';
import type { Objects } from '#local/cluster/storage/objects.ts';
import { groupsOfToken, validBootstrapToken } from './bootstrap-tokens.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const everyone = 'system:authenticated';
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** @throws ApiError Unauthorized for credentials that do not hold; none at all is the anonymous user. */
export async function authenticate(
  socket: TLSSocket,
  authorization: string | undefined,
  tokens: ServiceAccountTokens,
  objects: Objects,
): Promise<User> {
  const certificate = socket.getPeerCertificate();
  if (certificate?.subject) {
    if (!socket.authorized) throw unauthorized();
    const { CN: name, O: organizations } = certificate.subject;
    const groups = organizations === undefined ? [] : [organizations].flat();
    return { name: String(name), groups: [...groups, everyone] };
  }
  if (authorization === undefined) return anonymous;
  const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw unauthorized();
  return (await serviceAccountOf(token, tokens, objects)) ?? bootstrapUserOf(token, objects);
}

async function serviceAccountOf(
  token: string,
  tokens: ServiceAccountTokens,
  objects: Objects,
): Promise<User | undefined> {
  if (token.split('.').length !== 3) return undefined;
  const account = await tokens.verify(token);
  if (!account || !objects.find(types.serviceAccounts, account.namespace, account.name)) return undefined;
  return {
    name: `system:serviceaccount:${account.namespace}:${account.name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, everyone],
  };
}

function bootstrapUserOf(token: string, objects: Objects): User {
  const secret = validBootstrapToken(objects, token);
  if (secret === undefined) throw unauthorized();
  const id = token.split('.')[0]!;
  return { name: `system:bootstrap:${id}`, groups: [...groupsOfToken(secret), everyone] };
}
