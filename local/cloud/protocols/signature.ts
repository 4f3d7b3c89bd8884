/**
 * Who signed a request, read from Signature Version 4. The key and its session token are looked up; the signature itself is not
 * recomputed: on loopback it would only prove that the SDK can sign.
 */
import type { RestRequest } from '../service.ts';

export interface Signer {
  readonly accessKeyId: string;
  /** Signing name of the service, e.g. 'sqs'. */
  readonly service: string;
  readonly sessionToken: string | undefined;
}

/** undefined: the request is not signed. */
export function signerOf({ headers, query }: Pick<RestRequest, 'headers' | 'query'>): Signer | undefined {
  const fromHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1];
  const scope = (fromHeader ?? query.get('X-Amz-Credential') ?? '').split('/');
  const [accessKeyId, , , service] = scope;
  if (!accessKeyId || !service) return undefined;
  const sessionToken = headers['x-amz-security-token'] ?? query.get('X-Amz-Security-Token') ?? undefined;
  return { accessKeyId, service, sessionToken };
}
