import type { ServerResponse } from 'node:http';
import type { PlanName } from '@stepkube/shared/contracts/plans.ts';
import type { UsageAnswer, UsageError } from '@stepkube/shared/contracts/usage-api.ts';
import { dayOf } from '@stepkube/shared/events/event-items.ts';
import { pathOf, type RequestHandler } from '@stepkube/shared/service/http-server.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { answerUsage } from './answer-usage.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { InvalidParameterError, readUsageQuery } from './period.ts';
import type { UsageStore } from './usage-events.ts';

export interface UsageApi {
  readonly store: UsageStore;
  readonly plan: PlanName;
  readonly retentionDays: number;
  readonly metrics: Pick<Metrics, 'apiRequests' | 'apiSeconds'>;
  readonly log: Log;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface Answer {
  /** For the metrics: never with a user in it. */
  readonly route: string;
  readonly status: number;
  readonly body: UsageAnswer | UsageError | typeof openApiDocument;
}

const usagePath = /^\/v1\/usage\/([^/]+)$/;

/** GET /v1/usage/{user} and GET /openapi.json. */
export function apiHandler(api: UsageApi): RequestHandler {
  return async (request, response) => {
    const finished = api.metrics.apiSeconds.startTimer();
    request.resume();
    const { route, status, body } = await answer(api, request.method ?? '', request.url ?? '/', pathOf(request));
    sendJson(response, status, body);
    api.metrics.apiRequests.inc({ route, status });
    finished();
  };
}

async function answer(api: UsageApi, method: string, url: string, path: string): Promise<Answer> {
  const user = usagePath.exec(path)?.[1];
  const route = user !== undefined ? '/v1/usage/{user}' : path === '/openapi.json' ? path : 'other';
  if (route === 'other') return refusal(route, 404, 'path', path, '/v1/usage/{user} or /openapi.json');
  if (method !== 'GET') return refusal(route, 405, 'method', method, 'GET');
  if (user === undefined) return { route, status: 200, body: openApiDocument };
  try {
    const today = dayOf((api.now ?? Date.now)());
    const query = readUsageQuery(user, new URLSearchParams(url.split('?')[1]), today);
    const { store, plan, retentionDays } = api;
    return { route, status: 200, body: await answerUsage({ store, query, plan, retentionDays, today }) };
  } catch (error) {
    if (error instanceof InvalidParameterError) return refusal(route, 400, error.field, error.value, error.allowed);
    api.log.error({ err: error }, 'the usage could not be read');
    return { route, status: 503, body: { error: 'the usage cannot be read now: try again' } };
  }
}

function refusal(route: string, status: number, field: string, value: string, allowed: string): Answer {
  const error = `${field}=${value} is not allowed: it must be ${allowed}`;
  return { route, status, body: { error, field, value, allowed } };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
}
