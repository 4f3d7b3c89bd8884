/** One HTTP server for all AWS endpoints of the twin: what runs in it has AWS_ENDPOINT_URL set to this server. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Core, cloudPort } from '../core.ts';
import type { Caller } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import { readBody } from './body.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { checkPresigned } from './presigned.ts';
import type { Protocol } from './protocol.ts';
import { routeOf } from './route.ts';
import { type Signer, signerOf } from './signature.ts';

export interface ProtocolServer {
  stop(): Promise<void>;
}

export async function startProtocolServer(core: Core): Promise<ProtocolServer> {
  const server = createServer((request, response) => {
    handle(core, request, response).catch((error: Error) => {
      core.context.log('protocols', `${request.method} ${request.url}: ${error.stack}`);
      response.destroy();
    });
  });
  server.listen(cloudPort, core.context.network.cloudAddress);
  await once(server, 'listening');
  return {
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(core: Core, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const signal = hangUpSignal(incoming, outgoing);
  const head = readHead(incoming);
  const signer = signerOf(head);
  const { service, protocol } = routeOf(head, signer, core.services);
  let response: HttpResponse;
  let label = service;
  try {
    const { body, trailers } = await readBody(incoming);
    const call = protocol.parse({ ...head, headers: { ...head.headers, ...trailers }, body });
    const { operation, input } = call;
    label = `${service}:${operation}`;
    checkPresigned(head.query, Date.now());
    const caller = authenticate(core, signer, protocol);
    const output = await core.dispatch({ service, operation, caller, signal }, input);
    response = protocol.respond(call, output, requestId);
  } catch (error) {
    // The client has hung up: the error is a consequence of that, and there is nobody to send it to.
    if (signal.aborted) return;
    const failure = asServiceError(core, label, error);
    core.context.log('protocols', `${label}: ${loggable(failure)}`);
    response = protocol.respondError(failure, requestId);
  }
  outgoing.writeHead(response.status, { ...response.headers, 'x-amzn-requestid': requestId });
  outgoing.end(incoming.method === 'HEAD' ? undefined : response.body);
}

/**
 * Aborted as soon as the client closes its side of the connection: the response's 'close' event comes several event loop turns
 * later, in which a long poll would still take a message that nobody receives.
 */
function hangUpSignal({ socket }: IncomingMessage, response: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  const abort = () => hangUp.abort(new Error('the caller hung up'));
  socket.once('end', abort);
  response.once('close', () => {
    socket.off('end', abort);
    abort();
  });
  return hangUp.signal;
}

function readHead(incoming: IncomingMessage): Omit<HttpRequest, 'body'> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  // Put together, because as a relative URL `//` would name a host.
  const url = new URL(`http://twin${incoming.url?.startsWith('/') ? incoming.url : '/'}`);
  // Virtual-hosted-style: <bucket>.s3.<region>.amazonaws.com.
  const bucket = /^(?<bucket>[a-z0-9][a-z0-9.-]+?)\.s3[.-]/.exec(headers['host'] ?? '')?.groups?.['bucket'];
  const path = safeDecode(url.pathname);
  return {
    method: incoming.method ?? 'GET',
    path: bucket === undefined ? path : `/${bucket}${path}`,
    query: url.searchParams,
    headers,
  };
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** @throws ServiceError with the protocol's code for an unknown or expired access key */
function authenticate(core: Core, signer: Signer | undefined, protocol: Protocol): Caller {
  if (signer === undefined) return { accessKeyId: 'none', principal: { kind: 'anonymous' } };
  const principal = core.credentials.find(signer.accessKeyId, signer.sessionToken);
  if (typeof principal === 'object') return { accessKeyId: signer.accessKeyId, principal };
  const { code, message, status } = principal === 'expired' ? protocol.expiredKey : protocol.unknownKey;
  throw new ServiceError(code, message, status);
}

/** Messages may quote input, which may be secret. Those of denied calls quote only names, and help to find what is missing. */
function loggable({ code, message }: ServiceError): string {
  return /^AccessDenied|^Unauthorized/.test(code) ? `${code}: ${message}` : code;
}

/** An error inside the twin goes to its log; the caller only learns that there was one. */
function asServiceError(core: Core, label: string, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  core.context.log('protocols', `${label}: ${error instanceof Error ? error.stack : String(error)}`);
  return new ServiceError('InternalFailure', `the twin failed in ${label}: see its log`, 500);
}
