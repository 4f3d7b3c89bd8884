import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from './logger.ts';

/** Answers one request; the response must be ended when the promise settles. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface HttpServer {
  readonly port: number;
  /** Stops accepting and lets the requests in hand finish; what takes longer than `drainSeconds` is cut off. */
  close(): Promise<void>;
}

const drainSeconds = 20;

/** Listens at once; rejects when the address is taken. */
export async function startHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly handler: RequestHandler;
  readonly log: Log;
}): Promise<HttpServer> {
  let closing = false;
  const server = createServer((request, response) => {
    // A connection that is kept alive would hold the closing server for seconds after its last answer.
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    options.handler(request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'the request could not be answered');
      if (!response.headersSent) sendText(response, 500, 'the request could not be answered');
      else response.destroy();
    });
  });
  // A slow sender must not hold a connection for long; nothing here needs more.
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        closing = true;
        const deadline = setTimeout(() => server.closeAllConnections(), drainSeconds * 1000);
        server.close((error) => {
          clearTimeout(deadline);
          if (error === undefined) resolve();
          else reject(error);
        });
        server.closeIdleConnections();
      }),
  };
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${text}\n`);
}

/** The path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}
