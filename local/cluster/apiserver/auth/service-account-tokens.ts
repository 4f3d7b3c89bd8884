/** Service account tokens: RS256 JWTs of the cluster's own issuer, as pods present them to AWS and to the API server. */
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly pod?: { readonly name: string; readonly uid: string };
}

export interface ServiceAccountTokens {
  readonly issuer: string;
  /** The public keys, as /openid/v1/jwks serves them. */
  readonly jwks: { readonly keys: readonly JWK[] };
  issue(request: TokenRequest): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Namespace and name of the account behind a token for the API server; undefined when it does not hold. */
  verify(token: string): Promise<{ readonly namespace: string; readonly name: string } | undefined>;
}

export async function createServiceAccountTokens(
  issuer: string,
  apiAudiences: readonly string[],
): Promise<ServiceAccountTokens> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const keyId = createHash('sha256').update(publicJwk.n!).digest('base64url');
  return {
    issuer,
    jwks: { keys: [{ use: 'sig', kty: publicJwk.kty!, kid: keyId, alg: 'RS256', n: publicJwk.n!, e: publicJwk.e! }] },
    issue: async ({ namespace, serviceAccount, audiences, expirationSeconds, pod }) => {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expires = issuedAt + expirationSeconds;
      const subject = { namespace, serviceaccount: serviceAccount, ...(pod && { pod }) };
      const token = await new SignJWT({ 'kubernetes.io': subject })
        .setProtectedHeader({ alg: 'RS256', kid: keyId })
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${namespace}:${serviceAccount.name}`)
        .setAudience(audiences.length > 0 ? [...audiences] : [...apiAudiences])
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expires)
        .setJti(randomUUID())
        .sign(privateKey);
      return { token, expiresAt: new Date(expires * 1000) };
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, audience: [...apiAudiences] });
        const [, , namespace, name] = payload.sub?.split(':') ?? [];
        return namespace && name ? { namespace, name } : undefined;
      } catch {
        // Any flaw (signature, audience, expiry) means the same: not authenticated.
        return undefined;
      }
    },
  };
}
