import { collectDefaultMetrics, type Registry } from 'prom-client';
import { type HttpServer, pathOf, type RequestHandler, sendText, startHttpServer } from './http-server.ts';
import type { Log } from './logger.ts';

/** Whether the service wants traffic; `reason` says what it waits for. */
export class Readiness {
  private state: { readonly ready: boolean; readonly reason: string } = { ready: false, reason: 'starting' };

  get ready(): boolean {
    return this.state.ready;
  }

  get reason(): string {
    return this.state.reason;
  }

  set(ready: boolean, reason: string): void {
    this.state = { ready, reason };
  }
}

/**
 * What the cluster asks, on a port of its own that no load balancer reaches: GET /healthz (the process answers),
 * GET /readyz (200 or 503 with the reason) and GET /metrics (Prometheus text).
 */
export async function startInternalServer(options: {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  readonly registry: Registry;
  readonly log: Log;
}): Promise<HttpServer> {
  collectDefaultMetrics({ register: options.registry });
  const handler: RequestHandler = async (request, response) => {
    request.resume();
    if (request.method !== 'GET') return sendText(response, 405, 'only GET is answered here', { allow: 'GET' });
    switch (pathOf(request)) {
      case '/healthz':
        return sendText(response, 200, 'ok');
      case '/readyz':
        return sendText(response, options.readiness.ready ? 200 : 503, options.readiness.reason);
      case '/metrics':
        return sendText(response, 200, (await options.registry.metrics()).trimEnd(), {
          'content-type': options.registry.contentType,
        });
      default:
        return sendText(response, 404, 'not found');
    }
  };
  return startHttpServer({ host: options.host, port: options.port, handler, log: options.log });
}
