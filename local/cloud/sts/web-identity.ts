/**
 * Service account tokens, verified as STS does: with the keys that their issuer publishes.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Core } from '../core.ts';
import type { OidcProvider } from '../iam/iam-store.ts';
import type { Caller } from '../operation.ts';
import { ServiceError } from '../service-error.ts';

const anonymous: Caller = { accessKeyId: 'none', principal: { kind: 'anonymous' } };
const objectUrl = /^https:\/\/(?<bucket>[a-z0-9.-]+?)\.s3[.-][a-z0-9-]+\.amazonaws\.com(?:\/(?<key>.+))?$/;
const distributionUrl = /^https:\/\/(?<host>[a-z0-9-]+\.cloudfront\.net)\/(?<path>.+)$/;

export interface WebIdentity {
  readonly provider: OidcProvider;
  readonly subject: string;
  readonly audience: string;
}

const claims = z.object({ sub: z.string(), aud: z.union([z.string(), z.tuple([z.string()], z.string())]) });
const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** @throws ServiceError InvalidIdentityToken or ExpiredTokenException */
export async function verifyWebIdentity(core: Core, token: string): Promise<WebIdentity> {
  const provider = providerOf(core, token);
  const keys = await publishedKeys(core, provider.url);
  const { sub, aud } = claims.parse(await verify(token, keys, provider));
  return { provider, subject: sub, audience: typeof aud === 'string' ? aud : aud[0] };
}

function providerOf(core: Core, token: string): OidcProvider {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
  const provider = core.iam.oidcProviders.find(({ url }) => url === issuer);
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  return provider;
}

/** The key set that the discovery document refers to. Read without credentials, so that a bucket that is not public fails. */
async function publishedKeys(core: Core, issuer: string): Promise<JSONWebKeySet> {
  try {
    const discovery = discoveryDocument.parse(
      await readPublicObject(core, `${issuer}/.well-known/openid-configuration`),
    );
    if (discovery.issuer !== issuer) throw new Error(`the discovery document has issuer ${discovery.issuer}`);
    return keySet.parse(await readPublicObject(core, discovery.jwks_uri));
  } catch (error) {
    core.context.log('sts', `issuer ${issuer}: ${(error as Error).message}`);
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
}

/** @returns the parsed JSON of an object in one of the twin's buckets, read as everyone can */
async function readPublicObject(core: Core, url: string): Promise<unknown> {
  const { host, path } = distributionUrl.exec(url)?.groups ?? {};
  if (host !== undefined && path !== undefined) {
    const request = { service: 'cloudfront', operation: 'ReadObject', caller: anonymous };
    return parsedBody(await core.dispatch(request, { Host: host, Key: path }));
  }
  const { bucket, key } = objectUrl.exec(url)?.groups ?? {};
  if (bucket === undefined || key === undefined)
    throw new Error(`${url} is neither an object of an S3 bucket nor of a distribution`);
  const request = { service: 's3', operation: 'GetObject', caller: anonymous };
  return parsedBody(await core.dispatch(request, { Bucket: bucket, Key: key }));
}

const parsedBody = ({ Body }: Readonly<Record<string, unknown>>): unknown =>
  JSON.parse(z.instanceof(Buffer).parse(Body).toString('utf8'));

async function verify(token: string, keys: JSONWebKeySet, provider: OidcProvider): Promise<unknown> {
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
