/** `kubeadm token create` */
import { randomInt } from 'node:crypto';
import { bootstrapSecret } from '../apimachinery/bootstrap-token.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { Client } from '../client/client.ts';
import type { BootstrapTokenSettings } from './config.ts';

/** @returns the token, '<id>.<secret>' */
export function createBootstrapToken(client: Client, settings: BootstrapTokenSettings): string {
  const { token = randomToken(), ttlSeconds, description } = settings;
  client.create(types.secrets, bootstrapSecret({ token, ttlSeconds, description }));
  return token;
}

function randomToken(): string {
  const characters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const randomText = (length: number): string =>
    Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
  return `${randomText(6)}.${randomText(16)}`;
}
