import { collectDefaultMetrics, type Registry } from 'prom-client';
import { createTextApp, type HttpServer, methodNotAllowed, startHttpServer } from './http-server.ts';
import type { Log } from './logger.ts';

/** What /readyz answers: whether the service takes traffic, and otherwise what it waits for. */
export class Readiness {
  #state: { readonly ready: boolean; readonly reason: string } = { ready: false, reason: 'starting' };

  get ready(): boolean {
    return this.#state.ready;
  }

  get reason(): string {
    return this.#state.reason;
  }

  set(ready: boolean, reason: string): void {
    this.#state = { ready, reason };
  }
}

/**
 * The probes and metrics of a service, on a port that no load balancer reaches: GET /healthz (the process answers),
 * GET /readyz (200, or 503 with the reason) and GET /metrics (Prometheus text).
 */
export async function startInternalServer(options: {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  readonly registry: Registry;
  readonly log: Log;
}): Promise<HttpServer> {
  const { host, port, readiness, registry, log } = options;
  collectDefaultMetrics({ register: registry });
  const app = createTextApp(log);
  app.use((context, next) =>
    context.req.method === 'GET' ? next() : Promise.resolve(methodNotAllowed(context, 'GET')),
  );
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', (context) => context.text(`${readiness.reason}\n`, readiness.ready ? 200 : 503));
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  return startHttpServer({ host, port, app });
}
