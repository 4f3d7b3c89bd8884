/** Endpoints that are not resources: health, version, discovery, OpenAPI and the documents of the token issuer. */
import type { ServerResponse } from 'node:http';
import { unknownPath } from '../apimachinery/errors.ts';
import type { Registry } from '../storage/registry.ts';
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import { aggregatedContentType, aggregatedDiscovery, discoveryDocument, prefersAggregated } from './discovery.ts';
import { writeJson } from './http-response.ts';
import { openApiDocument } from './openapi.ts';

export interface NonResourceEndpoints {
  readonly registry: Registry;
  readonly tokens: ServiceAccountTokens;
  /** e.g. v1.36.3 */
  readonly kubernetesVersion: string;
  /** host:port of the API server. */
  readonly endpoint: string;
  /** Where the issuer's public keys are published. */
  readonly jwksUri: string;
}

const healthPaths = ['/livez', '/readyz', '/healthz'];

/** @throws ApiError NotFound */
export function serveNonResource(
  endpoints: NonResourceEndpoints,
  pathname: string,
  accept: string,
  response: ServerResponse,
): void {
  const path = pathname.replace(/(.)\/$/, '$1');
  if (healthPaths.includes(path)) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('ok');
  } else if ((path === '/api' || path === '/apis') && prefersAggregated(accept)) {
    writeJson(response, 200, aggregatedDiscovery(endpoints.registry, path === '/api'), aggregatedContentType);
  } else {
    writeJson(response, 200, documentAt(endpoints, path));
  }
}

function documentAt(endpoints: NonResourceEndpoints, path: string): object {
  const { registry, tokens, kubernetesVersion, endpoint } = endpoints;
  if (path === '/version') return versionDocument(kubernetesVersion);
  if (path === '/.well-known/openid-configuration') return issuerDocument(endpoints);
  if (path === '/openid/v1/jwks') return tokens.jwks;
  if (path === '/openapi/v3' || path.startsWith('/openapi/v3/')) {
    return openApiDocument(registry, kubernetesVersion, path);
  }
  if (/^\/apis?(\/|$)/.test(path)) return discoveryDocument(registry, path, endpoint);
  if (path === '/') return { paths: ['/api', '/apis', ...healthPaths, '/openapi/v3', '/version'] };
  throw unknownPath();
}

function versionDocument(gitVersion: string): object {
  const [major, minor] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '',
    goVersion: '',
    compiler: '',
    platform: 'linux/amd64',
  };
}

function issuerDocument({ tokens, jwksUri }: NonResourceEndpoints): object {
  return {
    issuer: tokens.issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
