/** Service account tokens, checked as IAM does: against the keys that their issuer publishes. */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Core } from '../core.ts';
import type { OidcProvider } from '../iam/store.ts';
import type { Caller } from '../service.ts';
import { ServiceError } from '../service.ts';

const anyone: Caller = { accessKeyId: 'none', principal: { kind: 'anonymous' } };
const issuerBucket = /^https:\/\/(?<bucket>[a-z0-9.-]+?)\.s3[.-][a-z0-9-]+\.amazonaws\.com(?:\/(?<key>.+))?$/;

export interface WebIdentity {
  readonly provider: OidcProvider;
  readonly subject: string;
  readonly audience: string;
}

/** @throws ServiceError InvalidIdentityToken or ExpiredTokenException */
export async function verifyWebIdentity(core: Core, token: string): Promise<WebIdentity> {
  const provider = providerOf(core, token);
  const keys = await publishedKeys(core, provider.url);
  const payload = await verify(token, keys, provider);
  return { provider, subject: payload.sub!, audience: [payload.aud ?? []].flat()[0]! };
}

function providerOf(core: Core, token: string): OidcProvider {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
  const provider = core.identity.oidcProviders.find(({ url }) => url === issuer);
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  return provider;
}

/** The key set that the discovery document names, read without credentials: a bucket that is not public fails here too. */
async function publishedKeys(core: Core, issuer: string): Promise<JSONWebKeySet> {
  try {
    const discovery = await readPublic(core, `${issuer}/.well-known/openid-configuration`);
    if (discovery['issuer'] !== issuer) throw new Error(`the discovery document says issuer ${discovery['issuer']}`);
    return (await readPublic(core, String(discovery['jwks_uri']))) as unknown as JSONWebKeySet;
  } catch (error) {
    core.context.log('sts', `issuer ${issuer}: ${(error as Error).message}`);
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
}

async function readPublic(core: Core, url: string): Promise<Record<string, unknown>> {
  const { bucket, key } = issuerBucket.exec(url)?.groups ?? {};
  if (bucket === undefined || key === undefined) throw new Error(`${url} is not an object of an S3 bucket`);
  const request = { service: 's3', operation: 'GetObject', caller: anyone };
  const { Body } = await core.dispatch(request, { Bucket: bucket, Key: key });
  return JSON.parse((Body as Buffer).toString('utf8'));
}

async function verify(token: string, keys: JSONWebKeySet, provider: OidcProvider): Promise<JWTPayload> {
  try {
    const options = { issuer: provider.url, audience: [...provider.clientIds], requiredClaims: ['sub', 'exp'] };
    return (await jwtVerify(token, createLocalJWKSet(keys), options)).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new ServiceError('ExpiredTokenException', `Token expired: ${error.payload.exp}`);
    }
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
      throw invalid('Incorrect token audience');
    }
    throw invalid(`The token could not be verified: ${(error as Error).message}`);
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidIdentityToken', message);
}
