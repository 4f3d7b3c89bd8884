/** Handles one HTTPS request: authentication, authorization, then the endpoint or resource that the URL names. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { TwinTime } from '#local/contracts/context.ts';
import { ApiError, methodNotAllowed } from '../apimachinery/errors.ts';
import { authenticate, type User } from './auth/authentication.ts';
import { authorize } from './auth/rbac.ts';
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import type { HandlerDependencies, ResourceCall } from './call.ts';
import { handleResource } from './dispatch.ts';
import { writeJson } from './http-response.ts';
import { streamLog } from './log-stream.ts';
import { type NonResourceEndpoints, serveNonResource } from './non-resource-endpoints.ts';
import { readBody } from './request-body.ts';
import { parseResourceRequest, type ResourceRequest } from './request-info.ts';
import { streamWatch } from './watch.ts';

export interface RequestHandlerOptions extends HandlerDependencies, NonResourceEndpoints {
  readonly tokens: ServiceAccountTokens;
  readonly time: TwinTime;
  readonly log: (message: string) => void;
}

/** Never rejects: a failure becomes a Status object for the client. */
export async function handleRequest(
  options: RequestHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handle(options, request, response);
  } catch (error) {
    writeError(options, request, response, error);
  }
}

async function handle(
  options: RequestHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { objects, tokens, registry, endpoint } = options;
  const { authorization, accept = '' } = request.headers;
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', `https://${endpoint}`);
  const user = await authenticate(request.socket as TLSSocket, authorization, tokens, objects, options.time.now());
  const resource = parseResourceRequest(method, url, registry);
  if (resource === undefined) {
    authorize(objects, user, { verb: method.toLowerCase(), path: url.pathname });
    serveNonResource(options, url.pathname, accept, response);
    return;
  }
  authorizeResource(options, user, resource);
  const call = await readCall(request, url, resource, user);
  if (call.verb === 'watch') {
    if (call.type.aggregated) throw methodNotAllowed();
    streamWatch(objects, call, response);
  } else if (call.subresource === 'log') {
    streamLog(options, call, response);
  } else {
    const { code, body } = await handleResource(options, call);
    writeJson(response, code, body);
  }
}

function authorizeResource({ objects }: HandlerDependencies, user: User, resource: ResourceRequest): void {
  const { type, namespace, name, subresource, verb } = resource;
  // A namespace is itself a resource in that namespace, as far as roles are concerned.
  const scope = namespace ?? (type.kind === 'Namespace' ? name : undefined);
  authorize(objects, user, {
    verb,
    group: type.group,
    resource: subresource ? `${type.plural}/${subresource}` : type.plural,
    ...(scope && { namespace: scope }),
    ...(name && { name }),
  });
}

async function readCall(
  request: IncomingMessage,
  url: URL,
  resource: ResourceRequest,
  user: User,
): Promise<ResourceCall> {
  const {
    accept = '',
    'user-agent': userAgent = 'unknown',
    'content-type': type = 'application/json',
  } = request.headers;
  const contentType = type.split(';')[0]!.trim();
  return {
    ...resource,
    query: url.searchParams,
    user,
    accept,
    contentType,
    body: request.method === 'GET' ? undefined : await readBody(request, contentType),
    manager: url.searchParams.get('fieldManager') || userAgent.split('/')[0]!,
  };
}

function writeError(
  { log }: RequestHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (!(error instanceof ApiError)) {
    log(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const apiError =
    error instanceof ApiError ? error : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  if (response.headersSent) response.destroy();
  else writeJson(response, apiError.code, apiError.status);
}
