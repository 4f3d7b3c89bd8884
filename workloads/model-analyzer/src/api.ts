import type { ServerResponse } from 'node:http';
import { pathOf, type RequestHandler } from '@stepkube/shared/service/http-server.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { type Problem, periodQuery } from './answers.ts';
import { describeDrift, describeModel, describeModels } from './describe.ts';
import type { Model, Period, ReadModels } from './models.ts';
import { openApiDocument } from './openapi.ts';
import { reportHeaders, reportPage } from './report/page.ts';

/** The request asks for something that does not exist or cannot be; the message goes to the caller. */
class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly status: 400 | 404 | 405;

  constructor(status: 400 | 404 | 405, message: string) {
    super(message);
    this.status = status;
  }
}

const titles = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  503: 'Service Unavailable',
} as const;

export interface ApiOptions {
  readonly readModels: ReadModels;
  /** For how long counts are kept; the report says so. */
  readonly retentionDays: number;
  readonly log: Log;
  /** `route` is the path's pattern, never the path: it labels a metric. */
  readonly onRequest: (route: string, status: number) => void;
}

/** Analysts' side: GET / (the report), /openapi.json and /v1/...; everything else is refused in words (RFC 9457). */
export function apiHandler(options: ApiOptions): RequestHandler {
  return async (request, response) => {
    request.resume();
    const path = pathOf(request);
    const { route, respond } = routeOf(path);
    response.once('finish', () => options.onRequest(route, response.statusCode));
    try {
      if (request.method !== 'GET') throw new RefusalError(405, `${request.method} ${path}: only GET is answered here`);
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      await respond({ options, path, query, response });
    } catch (error) {
      if (error instanceof RefusalError) return sendProblem(response, error.status, error.message);
      if (response.headersSent) throw error;
      options.log.error({ err: error, route }, 'the request could not be answered');
      sendProblem(response, 503, 'the counts cannot be read now: try again');
    }
  };
}

interface Call {
  readonly options: ApiOptions;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}
interface Route {
  readonly route: string;
  readonly matches: RegExp;
  readonly respond: (call: Call) => Promise<void>;
}

const routes: readonly Route[] = [
  { route: '/', matches: /^\/$/, respond: sendReport },
  {
    route: '/openapi.json',
    matches: /^\/openapi\.json$/,
    respond: async ({ response }) => sendJson(response, openApiDocument),
  },
  {
    route: '/v1/models',
    matches: /^\/v1\/models$/,
    respond: async ({ options, response }) => sendJson(response, describeModels(await options.readModels())),
  },
  {
    route: '/v1/models/{id}',
    matches: /^\/v1\/models\/[^/]+$/,
    async respond(call) {
      const period = periodOf(call.query);
      const { model } = await modelOf(call);
      sendJson(call.response, describeModel(model, period));
    },
  },
  {
    route: '/v1/models/{id}/drift',
    matches: /^\/v1\/models\/[^/]+\/drift$/,
    async respond(call) {
      const { model, models } = await modelOf(call);
      sendJson(call.response, describeDrift(model, models));
    },
  },
];

const nowhere: Route = {
  route: 'other',
  matches: /./,
  async respond({ path }) {
    throw new RefusalError(404, `${path} is nothing: see /openapi.json`);
  },
};

const routeOf = (path: string) => routes.find(({ matches }) => matches.test(path)) ?? nowhere;

async function sendReport({ options, query, response }: Call): Promise<void> {
  const models = await options.readModels();
  const id = query.get('model') ?? models.at(-1)?.id;
  const chosen = models.find((model) => model.id === id);
  if (chosen === undefined && models.length > 0) throw new RefusalError(404, `there is no model ${id}`);
  response.writeHead(200, reportHeaders).end(reportPage({ models, chosen, retentionDays: options.retentionDays }));
}

async function modelOf({ options, path }: Call): Promise<{ readonly model: Model; readonly models: readonly Model[] }> {
  const id = decode(path.split('/')[3] ?? '');
  const models = await options.readModels();
  const model = models.find((other) => other.id === id);
  if (model === undefined) throw new RefusalError(404, `there is no model ${id}: /v1/models lists them`);
  return { model, models };
}

function periodOf(query: URLSearchParams): Period {
  const parsed = periodQuery.safeParse(Object.fromEntries(query));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}=${query.get(String(path[0]))} ${message}`,
  );
  throw new RefusalError(400, complaints.join('; '));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RefusalError(400, `${text} is not percent-encoded as it should be`);
  }
}

function sendProblem(response: ServerResponse, status: keyof typeof titles, detail: string): void {
  const problem: Problem = { title: titles[status], status, detail };
  const allow = status === 405 ? { allow: 'GET' } : {};
  sendJson(response, problem, status, { 'content-type': 'application/problem+json', ...allow });
}

function sendJson(
  response: ServerResponse,
  body: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}
