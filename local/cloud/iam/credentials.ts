/** Access keys of this run: who holds them and until when. */
import { randomBytes } from 'node:crypto';
import type { Credentials } from '#local/contracts/context.ts';
import type { Caller } from '../service.ts';

type Principal = Caller['principal'];

export interface CredentialStore {
  issue(principal: Principal, lifetimeSeconds: number): Credentials;
  /** The holder of an access key with its session token, or why there is none. */
  find(accessKeyId: string, sessionToken: string | undefined): Principal | 'unknown' | 'expired';
}

const keyLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function createCredentialStore(now: () => number = Date.now): CredentialStore {
  const issued = new Map<string, { readonly credentials: Credentials; readonly principal: Principal }>();
  return {
    issue(principal, lifetimeSeconds) {
      const credentials: Credentials = {
        accessKeyId: `ASIA${[...randomBytes(16)].map((byte) => keyLetters[byte % keyLetters.length]).join('')}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
        expiration: new Date(now() + lifetimeSeconds * 1000),
      };
      issued.set(credentials.accessKeyId, { credentials, principal });
      return credentials;
    },
    find(accessKeyId, sessionToken) {
      const holder = issued.get(accessKeyId);
      if (holder === undefined || holder.credentials.sessionToken !== sessionToken) return 'unknown';
      return holder.credentials.expiration.getTime() <= now() ? 'expired' : holder.principal;
    },
  };
}
