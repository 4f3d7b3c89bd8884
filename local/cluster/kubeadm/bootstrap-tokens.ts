/** `kubeadm token create` and `kubeadm token list` */
import { randomInt } from 'node:crypto';
import {
  type BootstrapToken,
  bootstrapSecret,
  bootstrapTokenNamespace,
  describeBootstrapToken,
  isBootstrapTokenExpired,
} from '../apimachinery/bootstrap-token.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { Client } from '../client/client.ts';
import type { BootstrapTokenSettings } from './config.ts';

/**
 * @param now Unix milliseconds
 * @returns the token, '<id>.<secret>'
 */
export function createBootstrapToken(client: Client, settings: BootstrapTokenSettings, now: number): string {
  const { token = randomToken(), ttlSeconds, description } = settings;
  client.create(types.secrets, bootstrapSecret({ token, ttlSeconds, description, now }));
  return token;
}

/** Those that have not expired: the token cleaner deletes the others. @param now Unix milliseconds */
export function listBootstrapTokens(client: Client, now: number): readonly BootstrapToken[] {
  return client
    .list(types.secrets, bootstrapTokenNamespace)
    .filter((secret) => secret.type === 'bootstrap.kubernetes.io/token' && !isBootstrapTokenExpired(secret, now))
    .flatMap((secret) => describeBootstrapToken(secret) ?? []);
}

function randomToken(): string {
  const characters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const randomText = (length: number): string =>
    Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
  return `${randomText(6)}.${randomText(16)}`;
}
