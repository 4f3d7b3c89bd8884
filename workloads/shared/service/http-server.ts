import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Log } from './logger.ts';

export interface HttpServer {
  readonly port: number;
  /** Accepts no new connections and lets running requests finish; what takes longer than `drainSeconds` is cut off. */
  stop(): Promise<void>;
}

/** A Hono app, or anything else that answers requests. */
export interface FetchApp {
  fetch(request: Request): Response | Promise<Response>;
}

const drainSeconds = 20;
/** Limits for slow clients; every request of the services is small. */
const headersTimeoutMilliseconds = 10_000;
const requestTimeoutMilliseconds = 20_000;

/** Starts to listen; rejects when the address is in use. */
export async function startHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly app: FetchApp;
}): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: (request) => options.app.fetch(request) }) as Server;
  server.headersTimeout = headersTimeoutMilliseconds;
  server.requestTimeout = requestTimeoutMilliseconds;
  let stopping = false;
  server.on('request', (_request, response) => {
    // A keep-alive connection would hold the stopping server for seconds after its last response.
    response.once('close', () => {
      if (stopping) setImmediate(() => server.closeIdleConnections());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve, reject) => {
        stopping = true;
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

/** An app that answers in plain text: 404 for unknown paths, and 500 with a log line when a handler throws. */
export function createTextApp(log: Log): Hono {
  const app = new Hono();
  app.notFound((context) => context.text('not found\n', 404));
  app.onError((error, context) => {
    log.error({ err: error }, 'the request could not be answered');
    return context.text('the request could not be answered\n', 500);
  });
  return app;
}

/** 405 with the header that names the one allowed method. */
export function methodNotAllowed(context: Context, allowed: 'GET' | 'POST') {
  return context.text(`only ${allowed} is answered here\n`, 405, { allow: allowed });
}
