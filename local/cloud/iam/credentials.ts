/** Temporary security credentials that this run has issued: whom they stand for, and until when. */
import { randomBytes } from 'node:crypto';
import type { Credentials } from '#local/contracts/context.ts';
import type { Caller } from '../operation.ts';

type Principal = Caller['principal'];

export interface CredentialStore {
  issue(principal: Principal, lifetimeSeconds: number): Credentials;
  /** The principal of an access key with its session token, or why the key is not valid. */
  find(accessKeyId: string, sessionToken: string | undefined): Principal | 'unknown' | 'expired';
}

/** Access key ids are Base32. */
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
      const found = issued.get(accessKeyId);
      if (found === undefined || found.credentials.sessionToken !== sessionToken) return 'unknown';
      return found.credentials.expiration.getTime() <= now() ? 'expired' : found.principal;
    },
  };
}
