/** Bootstrap tokens, '<id>.<secret>': the Secrets of kube-system in which kubeadm writes and the API server reads them. */
import type { Secret } from './kinds.ts';
import type { NewObject } from './object.ts';

export interface BootstrapToken {
  /** '<id>.<secret>' */
  readonly token: string;
  /** ISO 8601; undefined: never. */
  readonly expiration: string | undefined;
  readonly description: string;
}

export const bootstrapTokenNamespace = 'kube-system';
/** The group of nodes that join; kubeadm's role bindings name it. */
export const nodeBootstrapGroup = 'system:bootstrappers:kubeadm:default-node-token';

const pattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

export function isBootstrapToken(text: string): boolean {
  return pattern.test(text);
}

export function bootstrapTokenId(token: string): string {
  return token.split('.')[0]!;
}

/** Name of the Secret with a token's id. */
export function bootstrapSecretName(token: string): string {
  return `bootstrap-token-${bootstrapTokenId(token)}`;
}

/**
 * @param token ttlSeconds 0 is a token that never expires, as with kubeadm's --ttl
 * @param now Unix milliseconds
 */
export function bootstrapSecret(token: {
  readonly token: string;
  readonly ttlSeconds: number;
  readonly description: string;
  readonly now: number;
}): NewObject<Secret> {
  const [id = '', secret = ''] = token.token.split('.');
  return {
    metadata: { name: bootstrapSecretName(token.token), namespace: bootstrapTokenNamespace },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      ...(token.description && { description: token.description }),
      ...(token.ttlSeconds > 0 && { expiration: new Date(token.now + token.ttlSeconds * 1000).toISOString() }),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': nodeBootstrapGroup,
    },
  };
}

/** Whether the Secret of the token's id holds this very token. */
export function holdsBootstrapToken(secret: Secret, token: string): boolean {
  return isBootstrapToken(token) && readField(secret, 'token-secret') === token.split('.')[1];
}

/** @param now Unix milliseconds */
export function isBootstrapTokenExpired(secret: Secret, now: number): boolean {
  const expiration = readField(secret, 'expiration');
  return expiration !== undefined && Date.parse(expiration) <= now;
}

/** What `kubeadm token list` shows of a token; undefined for another Secret. */
export function describeBootstrapToken(secret: Secret): BootstrapToken | undefined {
  const [id, secretPart] = [readField(secret, 'token-id'), readField(secret, 'token-secret')];
  if (id === undefined || secretPart === undefined) return undefined;
  return {
    token: `${id}.${secretPart}`,
    expiration: readField(secret, 'expiration'),
    description: readField(secret, 'description') ?? '',
  };
}

export function bootstrapTokenGroups(secret: Secret): string[] {
  const extraGroups = (readField(secret, 'auth-extra-groups') ?? '').split(',').filter(Boolean);
  return ['system:bootstrappers', ...extraGroups];
}

function readField({ data }: Secret, key: string): string | undefined {
  const value = data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}
