/**
 * Who signed a request, read from Signature Version 4. The access key and its session token are looked up; the signature
 * itself is not verified: on loopback that would only prove that the SDK can sign.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
import type { HttpRequest } from './http.ts';

export interface Signer {
  readonly accessKeyId: string;
  /** Signing name of the service, e.g. 'sqs'. */
  readonly service: string;
  readonly sessionToken: string | undefined;
}

/** @returns undefined for a request that is not signed */
export function signerOf({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): Signer | undefined {
  const fromHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1];
  const scope = (fromHeader ?? query.get('X-Amz-Credential') ?? '').split('/');
  const [accessKeyId, , , service] = scope;
  if (!accessKeyId || !service) return undefined;
  const sessionToken = headers['x-amz-security-token'] ?? query.get('X-Amz-Security-Token') ?? undefined;
  return { accessKeyId, service, sessionToken };
}
