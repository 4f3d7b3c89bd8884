/** Service account tokens: RS256 JWTs of the cluster's own issuer. Pods present them to AWS and to the API server. */
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import type { IssuedToken, TokenRequest } from '#local/cluster/client/token-request.ts';

export interface ServiceAccountTokens {
  readonly issuer: string;
  /** The public keys, as /openid/v1/jwks serves them. */
  readonly jwks: { readonly keys: readonly JWK[] };
  issue(request: TokenRequest, serviceAccountUid: string): Promise<IssuedToken>;
  /** The service account of a token for the API server; undefined for a token that is expired, foreign or for others. */
  verify(token: string): Promise<{ readonly namespace: string; readonly name: string } | undefined>;
}

export async function createServiceAccountTokens(
  issuer: string,
  apiAudiences: readonly string[],
): Promise<ServiceAccountTokens> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const { kty, n, e } = await exportJWK(publicKey);
  const kid = createHash('sha256').update(n!).digest('base64url');
  return {
    issuer,
    jwks: { keys: [{ use: 'sig', kty: kty!, kid, alg: 'RS256', n: n!, e: e! }] },
    issue: async ({ namespace, serviceAccountName, audiences, expirationSeconds, pod }, uid) => {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + expirationSeconds;
      const claims = { namespace, serviceaccount: { name: serviceAccountName, uid }, ...(pod && { pod }) };
      const token = await new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${namespace}:${serviceAccountName}`)
        .setAudience(audiences.length > 0 ? [...audiences] : [...apiAudiences])
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(privateKey);
      return { token, expiresAt: new Date(expiresAt * 1000) };
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, audience: [...apiAudiences] });
        const [, , namespace, name] = payload.sub?.split(':') ?? [];
        return namespace && name ? { namespace, name } : undefined;
      } catch {
        // Whatever is wrong with it (signature, audience, expiry), the request is not authenticated by it.
        return undefined;
      }
    },
  };
}
