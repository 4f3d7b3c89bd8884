/** One HTTP server for every AWS endpoint of the twin: AWS_ENDPOINT_URL of everything that runs in it. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Core, cloudPort } from '../core.ts';
import type { Caller, RestReply, RestRequest } from '../service.ts';
import { ServiceError } from '../service.ts';
import { readBody } from './body.ts';
import type { Protocol } from './protocol.ts';
import { routeOf } from './route.ts';
import { type Signer, signerOf } from './signature.ts';

export interface WireServer {
  stop(): Promise<void>;
}

export async function startWireServer(core: Core): Promise<WireServer> {
  const server = createServer((request, response) => {
    answer(core, request, response).catch((error: Error) => {
      core.context.log('wire', `${request.method} ${request.url}: ${error.stack}`);
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

async function answer(core: Core, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const signal = hangUpSignal(incoming, response);
  const head = readHead(incoming);
  const signer = signerOf(head);
  const { service, protocol } = routeOf({ ...head, body: Buffer.alloc(0) }, signer, core.services);
  let reply: RestReply;
  let label = service;
  try {
    const request: RestRequest = { ...head, body: await readBody(incoming) };
    const call = protocol.parse(request);
    label = `${service}:${call.operation}`;
    const caller = identify(core, signer, protocol);
    const { operation } = call;
    const output = await core.dispatch({ service, operation, caller, signal }, call.input);
    reply = protocol.reply(call, output, requestId);
  } catch (error) {
    // The caller has gone, and whatever it waited for was given up for that reason.
    if (signal.aborted) return;
    const failure = errorToSend(core, label, error);
    core.context.log('wire', `${label}: ${describe(failure)}`);
    reply = protocol.replyError(failure, requestId);
  }
  response.writeHead(reply.status, { ...reply.headers, 'x-amzn-requestid': requestId });
  response.end(incoming.method === 'HEAD' ? undefined : reply.body);
}

/** The connection's end comes some turns before the response's close: in between, a long poll would still take a message. */
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

function readHead(incoming: IncomingMessage): Omit<RestRequest, 'body'> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  const url = new URL(incoming.url ?? '/', 'http://twin');
  // Virtual-host style: <bucket>.s3.<region>.amazonaws.com.
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

function identify(core: Core, signer: Signer | undefined, protocol: Protocol): Caller {
  if (signer === undefined) return { accessKeyId: 'none', principal: { kind: 'anonymous' } };
  const principal = core.credentials.find(signer.accessKeyId, signer.sessionToken);
  if (typeof principal === 'object') return { accessKeyId: signer.accessKeyId, principal };
  const { code, message, status } = principal === 'expired' ? protocol.expiredKey : protocol.unknownKey;
  throw new ServiceError(code, message, status);
}

/** Messages may quote what the caller sent; a refusal quotes only names, and is what one looks for in the log. */
function describe({ code, message }: ServiceError): string {
  return /^AccessDenied|^Unauthorized/.test(code) ? `${code}: ${message}` : code;
}

function errorToSend(core: Core, label: string, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  core.context.log('wire', `${label}: ${error instanceof Error ? error.stack : String(error)}`);
  return new ServiceError('InternalFailure', `the twin failed in ${label}: see its log`, 500);
}
