/** Paths that are not resources: health, version, discovery, OpenAPI and the issuer's documents. */
import type { ServerResponse } from 'node:http';
import { unknownPath } from '../apimachinery/errors.ts';
import { aggregatedContentType, aggregatedDiscovery, discoveryDocument, wantsAggregated } from './discovery.ts';
import { openApiDocument } from './openapi.ts';
import type { ApiServerOptions } from './server.ts';

export const kubernetesVersion = 'v1.36.3';

export function answerPath(options: ApiServerOptions, url: URL, accept: string, response: ServerResponse): void {
  const { registry } = options;
  const path = url.pathname.replace(/(.)\/$/, '$1');
  if (['/livez', '/readyz', '/healthz'].includes(path)) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('ok');
    return;
  }
  if ((path === '/api' || path === '/apis') && wantsAggregated(accept)) {
    json(response, aggregatedDiscovery(registry, path === '/api'), aggregatedContentType);
    return;
  }
  json(response, documentAt(options, path));
}

function documentAt(options: ApiServerOptions, path: string): object {
  const { registry, tokens, address, port } = options;
  if (path === '/version') {
    const [major, minor] = kubernetesVersion.slice(1).split('.');
    return {
      major,
      minor,
      gitVersion: kubernetesVersion,
      gitCommit: '',
      gitTreeState: 'clean',
      buildDate: '',
      goVersion: '',
      compiler: '',
      platform: 'linux/amd64',
    };
  }
  if (path === '/.well-known/openid-configuration') {
    return {
      issuer: tokens.issuer,
      jwks_uri: options.jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }
  if (path === '/openid/v1/jwks') return tokens.jwks;
  if (path === '/openapi/v3' || path.startsWith('/openapi/v3/')) return openApiDocument(registry, path);
  if (/^\/apis?(\/|$)/.test(path)) return discoveryDocument(registry, path, `${address}:${port}`);
  if (path === '/') return { paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'] };
  throw unknownPath();
}

function json(response: ServerResponse, body: object, contentType = 'application/json'): void {
  response.writeHead(200, { 'content-type': contentType });
  response.end(JSON.stringify(body));
}
