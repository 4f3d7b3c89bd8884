/** Bootstrap tokens: '<id>.<secret>', kept in Secrets bootstrap-token-<id> of kube-system, as kubeadm writes them. */
import { randomInt } from 'node:crypto';
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { Objects } from '#local/cluster/storage/objects.ts';

const namespace = 'kube-system';
const nodeGroup = 'system:bootstrappers:kubeadm:default-node-token';
const pattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

export function createBootstrapToken(
  objects: Objects,
  { ttlSeconds, description, token = randomToken() }: { ttlSeconds: number; description: string; token?: string },
): string {
  const [id, secret] = token.split('.');
  objects.create(types.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      ...(description && { description }),
      // kubeadm's --ttl 0 is a token that never expires.
      ...(ttlSeconds > 0 && { expiration: new Date(Date.now() + ttlSeconds * 1000).toISOString() }),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': nodeGroup,
    },
  });
  return token;
}

/** The Secret of a token that exists, matches and has not expired. */
export function validBootstrapToken(objects: Objects, token: string): KubeObject | undefined {
  const [, id, secret] = pattern.exec(token) ?? [];
  const found = id && objects.find(types.secrets, namespace, `bootstrap-token-${id}`);
  if (!found || text(found, 'token-secret') !== secret || isExpired(found)) return undefined;
  return found;
}

/** Whether the token's id has a Secret that may sign cluster-info. */
export function knowsTokenId(objects: Objects, token: string): boolean {
  const found = objects.find(types.secrets, namespace, `bootstrap-token-${token.split('.')[0]}`);
  return found !== undefined && !isExpired(found);
}

export function groupsOfToken(secret: KubeObject): string[] {
  return ['system:bootstrappers', ...(text(secret, 'auth-extra-groups') ?? '').split(',').filter(Boolean)];
}

function isExpired(secret: KubeObject): boolean {
  const expiration = text(secret, 'expiration');
  return expiration !== undefined && Date.parse(expiration) <= Date.now();
}

function text(secret: KubeObject, key: string): string | undefined {
  const value = secret.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}

function randomToken(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const take = (length: number) => Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  return `${take(6)}.${take(16)}`;
}
