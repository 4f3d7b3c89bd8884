/** The API server: HTTPS with client certificates, then authentication, authorisation and the resource at hand. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { parse } from 'yaml';
import { ApiError, badRequest, methodNotAllowed } from '../apimachinery/errors.ts';
import type { Open } from '../apimachinery/object.ts';
import type { IssuedCertificate } from '../pki/pki.ts';
import { authenticate } from './auth/authentication.ts';
import { authorize } from './auth/rbac.ts';
import type { ApiParts, ResourceCall } from './call.ts';
import { streamLog } from './log-stream.ts';
import { answerPath } from './non-resource-endpoints.ts';
import { decodeProtobuf, protobufContentType } from './protobuf.ts';
import { parseResourceRequest } from './request-info.ts';
import { answerResource } from './resource-verbs.ts';
import { streamWatch } from './watch.ts';

export interface ApiServerOptions extends ApiParts {
  readonly address: string;
  readonly port: number;
  readonly caCertificatePem: string;
  readonly certificate: IssuedCertificate;
  /** As kubeadm's service-account-jwks-uri says; the default is the server's own. */
  readonly jwksUri: string;
  readonly log: (message: string) => void;
}

export interface ApiServer {
  close(): Promise<void>;
}

const largestBodyBytes = 3 * 1024 * 1024;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const server = createServer(
    {
      key: options.certificate.keyPem,
      cert: options.certificate.certificatePem,
      ca: options.caCertificatePem,
      requestCert: true,
      // Service accounts and anonymous users have no certificate; a wrong one is answered with 401.
      rejectUnauthorized: false,
      // Watches are quiet for long.
      requestTimeout: 0,
    },
    (request, response) => {
      handle(options, request, response).catch((error: unknown) => answerError(options, request, response, error));
    },
  );
  server.listen(options.port, options.address);
  await once(server, 'listening');
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(options: ApiServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `https://${options.address}:${options.port}`);
  const { authorization, accept = '' } = request.headers;
  const user = await authenticate(request.socket as TLSSocket, authorization, options.tokens, options.objects);
  const method = request.method ?? 'GET';
  const resource = parseResourceRequest(method, url, options.registry);
  if (resource === undefined) {
    authorize(options.objects, user, { verb: method.toLowerCase(), path: url.pathname });
    return answerPath(options, url, accept, response);
  }
  const { type, namespace, name, subresource, verb } = resource;
  authorize(options.objects, user, {
    verb,
    group: type.group,
    resource: subresource ? `${type.plural}/${subresource}` : type.plural,
    ...(namespace ? { namespace } : type.kind === 'Namespace' && name ? { namespace: name } : {}),
    ...(name && { name }),
  });
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim();
  const call: ResourceCall = {
    ...resource,
    query: url.searchParams,
    user,
    accept,
    contentType,
    body: method === 'GET' ? undefined : await readBody(request, contentType),
    manager: url.searchParams.get('fieldManager') || (request.headers['user-agent'] ?? 'unknown').split('/')[0]!,
  };
  if (verb === 'watch' && type.computed) throw methodNotAllowed();
  if (verb === 'watch') return streamWatch(options, call, response);
  if (subresource === 'log') return streamLog(options, call, response);
  const { code, body } = await answerResource(options, call);
  writeJson(response, code, body);
}

async function readBody(request: IncomingMessage, contentType: string): Promise<Open> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > largestBodyBytes) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${largestBodyBytes}`);
    }
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  if (contentType === protobufContentType) return decodeProtobuf(Buffer.concat(chunks));
  if (!/json|yaml/.test(contentType)) {
    const message =
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';
    throw new ApiError(415, 'UnsupportedMediaType', message);
  }
  const text = Buffer.concat(chunks).toString();
  try {
    return contentType.endsWith('yaml') && !text.startsWith('{') ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request is not ${contentType}: ${(error as Error).message}`);
  }
}

function answerError(
  { log }: ApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const known = error instanceof ApiError;
  if (!known) log(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
  const status = known ? error : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  if (response.headersSent) response.destroy();
  else writeJson(response, status.code, status.status);
}

function writeJson(response: ServerResponse, code: number, body: object, contentType = 'application/json'): void {
  response.writeHead(code, { 'content-type': contentType });
  response.end(JSON.stringify(body));
}
